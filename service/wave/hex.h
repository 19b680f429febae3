// SPDX-License-Identifier: Apache-2.0
//
// Octets written in hex digits, without a branch or an address that depends on their values.
#pragma once

#include <string_view>

#include "rekey/octets.h"
#include "rekey/status.h"
#include "wave/wiping_allocator.h"

namespace rekey::wave {

/// parse_hex reads exactly two digits (of either case) for each octet of `out_octets`. Anything
/// else is kInvalidArgument naming `field` and what was found, never the digits themselves;
/// `out_octets` is then zero.
Status parse_hex(std::string_view field, std::string_view digits, Octets out_octets);

/// append_hex appends two lower-case digits for each octet.
void append_hex(ConstOctets octets, SecretText* out_text);

}  // namespace rekey::wave
