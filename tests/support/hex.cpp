// SPDX-License-Identifier: Apache-2.0
#include "support/hex.h"

#include <cstdio>
#include <cstdlib>

namespace rekey::test {

std::vector<std::uint8_t> from_hex(std::string_view digits) {
  constexpr std::string_view kDigits = "0123456789abcdef0123456789ABCDEF";
  std::vector<std::uint8_t> octets;
  bool high = true;
  for (char digit : digits) {
    if (digit == ' ') continue;
    const std::size_t place = kDigits.find(digit);
    if (place == std::string_view::npos) {
      std::fprintf(stderr, "from_hex: not a hexadecimal digit: '%c'\n", digit);
      std::abort();
    }
    if (high) {
      octets.push_back(static_cast<std::uint8_t>(place % 16 << 4));
    } else {
      octets.back() = static_cast<std::uint8_t>(octets.back() | place % 16);
    }
    high = !high;
  }
  if (!high) {
    std::fprintf(stderr, "from_hex: an odd number of digits\n");
    std::abort();
  }
  return octets;
}

std::string to_hex(ConstOctets octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (std::uint8_t octet : octets) {
    digits += kDigits[octet >> 4];
    digits += kDigits[octet & 15];
  }
  return digits;
}

}  // namespace rekey::test
