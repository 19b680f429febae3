// SPDX-License-Identifier: Apache-2.0
//
// Numbers as octets whose order is the numbers' order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rekey::contexts {

inline constexpr std::size_t kNumberOctets = 8;

inline std::string to_big_endian(std::uint64_t number) {
  std::string octets(kNumberOctets, '\0');
  for (std::size_t i = kNumberOctets; i-- > 0; number >>= 8) {
    octets[i] = static_cast<char>(number & 0xff);
  }
  return octets;
}

/// from_big_endian reads the first kNumberOctets of `octets`, which has as many at least.
inline std::uint64_t from_big_endian(std::string_view octets) {
  std::uint64_t number = 0;
  for (const char octet : octets.substr(0, kNumberOctets)) {
    number = number << 8 | static_cast<unsigned char>(octet);
  }
  return number;
}

}  // namespace rekey::contexts
