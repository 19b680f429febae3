// SPDX-License-Identifier: Apache-2.0
//
// The parts of AES-CMAC (RFC 4493) that are left when only AES itself comes from a library.
#pragma once

#include <cstdint>
#include <cstring>

#include "engines/mac_way.h"

namespace rekey::bench {

inline void xor_block(std::uint8_t* block, const std::uint8_t* other) {
  std::uint64_t halves[2];
  std::uint64_t others[2];
  std::memcpy(halves, block, sizeof halves);
  std::memcpy(others, other, sizeof others);
  halves[0] ^= others[0];
  halves[1] ^= others[1];
  std::memcpy(block, halves, sizeof halves);
}

/// double_block writes `block` times x in GF(2^128): K1 is L doubled, K2 is K1 doubled.
inline void double_block(const std::uint8_t* block, std::uint8_t* out_block) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, block, sizeof high);
  std::memcpy(&low, block + sizeof high, sizeof low);
  high = __builtin_bswap64(high);
  low = __builtin_bswap64(low);
  const std::uint64_t carry = high >> 63;
  high = __builtin_bswap64(high << 1 | low >> 63);
  low = __builtin_bswap64(low << 1 ^ carry * 0x87);
  std::memcpy(out_block, &high, sizeof high);
  std::memcpy(out_block + sizeof high, &low, sizeof low);
}

/// close_message mixes the subkey into the last block of a padded message. What is left to do is
/// AES in CBC mode from a zero initialization vector; the last block is the MAC.
inline void close_message(MacJob* job, const std::uint8_t* k1, const std::uint8_t* k2) {
  const bool complete = job->octets % kBlockOctets == 0;
  xor_block(job->block(job->blocks() - 1), complete ? k1 : k2);
}

}  // namespace rekey::bench
