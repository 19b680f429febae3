// SPDX-License-Identifier: Apache-2.0
//
// AES-128-CMAC (RFC 4493), one thread a message. Branches depend on lengths alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/aes.h"
#include "cuda/host_device.h"
#include "cuda/octet_words.h"

namespace rekey::cuda {

REKEY_HOST_DEVICE inline Block operator^(Block left, const Block& right) {
  REKEY_UNROLL
  for (int i = 0; i < 4; ++i) left.words[i] ^= right.words[i];
  return left;
}

/// encrypt_one enciphers one block; the other half of the registers idles.
REKEY_HOST_DEVICE inline Block encrypt_one(const KeySchedule& schedule, const Block& block) {
  return encrypt(schedule, {block, {}}).first;
}

/// double_block multiplies by x in the field of RFC 4493, section 2.3, where octet 0 comes first.
REKEY_HOST_DEVICE inline Block double_block(const Block& block) {
  std::uint32_t big_endian[4];
  REKEY_UNROLL
  for (int i = 0; i < 4; ++i) big_endian[i] = swap_octets(block.words[i]);
  const std::uint32_t reduction = 0x87U & (0U - (big_endian[0] >> 31));
  Block doubled;
  REKEY_UNROLL
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t carry = i == 3 ? reduction : big_endian[i + 1] >> 31;
    doubled.words[i] = swap_octets(big_endian[i] << 1 ^ carry);
  }
  return doubled;
}

/// Subkeys are K1, for a last block that is complete, and K2, for one that was padded.
struct Subkeys {
  Block k1, k2;
};

/// cmac_subkeys costs one block.
REKEY_HOST_DEVICE inline Subkeys cmac_subkeys(const KeySchedule& schedule) {
  const Block k1 = double_block(encrypt_one(schedule, {}));
  return {k1, double_block(k1)};
}

/// CmacColumns are the messages of one launch, in the memory of whoever runs it. `keys` and `macs`
/// are aligned to a word.
struct CmacColumns {
  const std::uint8_t* keys = nullptr;
  const std::uint8_t* messages = nullptr;
  std::uint8_t* macs = nullptr;
  std::size_t message_octets = 0;
  std::uint32_t count = 0;
};

/// cmac_message computes one MAC of `columns`.
REKEY_HOST_DEVICE inline void cmac_message(const CmacColumns& columns, std::uint32_t index) {
  KeySchedule schedule;
  expand_key(load_block(columns.keys + std::size_t{index} * kBlockOctets), &schedule);
  const Subkeys subkeys = cmac_subkeys(schedule);

  const std::uint8_t* message = columns.messages + index * columns.message_octets;
  std::size_t left = columns.message_octets;
  Block chain;
  for (; left > kBlockOctets; left -= kBlockOctets, message += kBlockOctets) {
    chain = encrypt_one(schedule, chain ^ gather_block(message, kBlockOctets));
  }
  Block last = gather_block(message, left);
  if (left == kBlockOctets) {
    last = last ^ subkeys.k1;
  } else {
    last = last ^ padding_from(left) ^ subkeys.k2;
  }
  store_block(encrypt_one(schedule, chain ^ last),
              columns.macs + std::size_t{index} * kBlockOctets);
}

}  // namespace rekey::cuda
