// SPDX-License-Identifier: Apache-2.0
#include "wave/hex.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace rekey::wave {
namespace {

struct Nibble {
  std::uint32_t value;
  std::uint32_t valid;  ///< all ones in the low 8 bits for a hex digit, else 0
};

/// A number below its limit wraps when the limit is taken away, which sets its high bits: these
/// make the masks.
Nibble decode(char character) {
  const std::uint32_t c = static_cast<unsigned char>(character);
  const std::uint32_t digit = c ^ '0';
  const std::uint32_t digit_mask = ((digit - 10) >> 8) & 0xff;
  const std::uint32_t letter = (c & ~0x20U) - ('A' - 10);
  const std::uint32_t letter_mask = (((letter - 10) ^ (letter - 16)) >> 8) & 0xff;
  return {(digit & digit_mask) | (letter & letter_mask), digit_mask | letter_mask};
}

char encode(std::uint32_t nibble) {
  const std::uint32_t above_nine = ((9 - nibble) >> 8) & 0xff;
  return static_cast<char>('0' + nibble + (above_nine & ('a' - '0' - 10)));
}

Status wrong(std::string_view field, std::size_t octets, const std::string& found) {
  return Status::invalid_argument(std::string(field) + ": expected " + std::to_string(2 * octets) +
                                  " hex digits, found " + found);
}

}  // namespace

Status parse_hex(std::string_view field, std::string_view digits, Octets out_octets) {
  wipe(out_octets);
  const auto bad =
      std::find_if(digits.begin(), digits.end(), [](char c) { return decode(c).valid == 0; });
  if (bad != digits.end()) {
    return wrong(field, out_octets.size(),
                 "a character that is not a hex digit at position " +
                     std::to_string(bad - digits.begin() + 1));
  }
  if (digits.size() != 2 * out_octets.size()) {
    return wrong(field, out_octets.size(),
                 digits.empty() ? "none"
                                : std::to_string(digits.size()) +
                                      (digits.size() % 2 == 1 ? " (an odd number)" : ""));
  }
  for (std::size_t i = 0; i < out_octets.size(); ++i) {
    out_octets[i] = static_cast<std::uint8_t>(decode(digits[2 * i]).value << 4 |
                                              decode(digits[2 * i + 1]).value);
  }
  return {};
}

void append_hex(ConstOctets octets, SecretText* out_text) {
  for (const std::uint8_t octet : octets) {
    out_text->push_back(encode(octet >> 4));
    out_text->push_back(encode(octet & 0xf));
  }
}

}  // namespace rekey::wave
