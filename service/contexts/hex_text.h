// SPDX-License-Identifier: Apache-2.0
//
// Octets that are no secret, as text. Keys are written by wave/hex.h, whose text is wiped.
#pragma once

#include <string>

#include "rekey/octets.h"

namespace rekey::contexts {

/// hex_text returns two lower-case hex digits for each octet.
inline std::string hex_text(ConstOctets octets) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * octets.size());
  for (const std::uint8_t octet : octets) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

}  // namespace rekey::contexts
