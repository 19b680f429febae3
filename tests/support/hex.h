// SPDX-License-Identifier: Apache-2.0
//
// Octets in hexadecimal, for test data and failure messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rekey/octets.h"

namespace rekey::test {

/// from_hex reads hexadecimal digits of either case; spaces may stand between them. Ends the
/// program on anything else: it is for constants in tests.
std::vector<std::uint8_t> from_hex(std::string_view digits);

/// to_hex writes lower-case digits.
std::string to_hex(ConstOctets octets);

}  // namespace rekey::test
