// SPDX-License-Identifier: Apache-2.0
//
// Sealing keys for tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include "contexts/store/sealing_keys.h"

namespace rekey::contexts {

/// key_line is a key of 32 equal octets as a key file has it.
inline std::string key_line(std::uint8_t octet) {
  std::string line;
  for (std::size_t i = 0; i < XaesGcm::kKeyOctets; ++i) {
    line += "0123456789abcdef"[octet >> 4];
    line += "0123456789ABCDEF"[octet & 15];
  }
  return line;
}

inline Status parse_keys(const std::string& text, SealingKeys* out_keys) {
  return SealingKeys::parse({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                            "keys", out_keys);
}

/// keys_of returns keys of equal octets; the first seals.
inline SealingKeys keys_of(std::initializer_list<std::uint8_t> octets) {
  std::string text;
  for (const std::uint8_t octet : octets) text += key_line(octet) + "\n";
  SealingKeys keys;
  const Status status = parse_keys(text, &keys);
  EXPECT_TRUE(status.ok()) << status.message();
  return keys;
}

}  // namespace rekey::contexts
