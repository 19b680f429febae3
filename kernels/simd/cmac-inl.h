// SPDX-License-Identifier: Apache-2.0
//
// AES-128-CMAC (RFC 4493) over the lanes of a group.
#if defined(REKEY_SIMD_CMAC_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_CMAC_INL_H_
#undef REKEY_SIMD_CMAC_INL_H_
#else
#define REKEY_SIMD_CMAC_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "rekey/engine.h"
#include "simd/aes-inl.h"
#include "simd/wiped.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

/// CmacKey is what CMAC needs of a key: its schedule and the subkeys.
struct CmacKey {
  RoundKeys round_keys;
  Group k1, k2;
};

REKEY_SIMD_INLINE Group zero_group() {
  Group zero;
  REKEY_SIMD_UNROLL
  for (std::size_t i = 0; i < kVectors; ++i) zero.vectors[i] = hn::Zero(OctetTag());
  return zero;
}

REKEY_SIMD_INLINE Group xor_groups(const Group& left, const Group& right) {
  Group sum;
  REKEY_SIMD_UNROLL
  for (std::size_t i = 0; i < kVectors; ++i) {
    sum.vectors[i] = hn::Xor(left.vectors[i], right.vectors[i]);
  }
  return sum;
}

/// Doubles every block in GF(2^128), without a branch. Blocks are little-endian here: octets
/// reversed.
HWY_INLINE Vector double_reversed(Vector blocks) {
  // What a bit shifted out of the low and of the high half turns into: bit 64, and x^128 = x^7 +
  // x^2
  // + x + 1, each in the half where it arrives.
  alignas(kBlockOctets) static constexpr std::uint64_t kArrives[2] = {0x87, 1};
  const DoubleWordTag halves;
  const auto x = hn::BitCast(halves, blocks);
  const auto carries = hn::Shuffle01(hn::ShiftRight<63>(x));
  const auto all_ones_if_carry = hn::Sub(hn::Zero(halves), carries);
  const auto arriving = hn::And(all_ones_if_carry, hn::LoadDup128(halves, kArrives));
  return hn::BitCast(OctetTag(), hn::Xor(hn::ShiftLeft<1>(x), arriving));
}

/// Writes the subkeys of every lane from its key schedule.
REKEY_SIMD_INLINE void derive_subkeys(CmacKey* key) {
  alignas(kBlockOctets) static constexpr std::uint8_t kReverse[kBlockOctets] = {
      15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  const Vector reverse = hn::LoadDup128(OctetTag(), kReverse);
  Group l = zero_group();
  encrypt(key->round_keys, &l);
  REKEY_SIMD_UNROLL
  for (std::size_t i = 0; i < kVectors; ++i) {
    const Vector k1 = double_reversed(hn::TableLookupBytes(l.vectors[i], reverse));
    const Vector k2 = double_reversed(k1);
    key->k1.vectors[i] = hn::TableLookupBytes(k1, reverse);
    key->k2.vectors[i] = hn::TableLookupBytes(k2, reverse);
  }
}

/// Copies one block of each lane's message, padded as CMAC wants it, to `*out_blocks`.
inline void load_message_blocks(const CmacBatch& batch, std::size_t first, std::size_t block,
                                Group* out_blocks) {
  const std::size_t offset = block * kBlockOctets;
  const std::size_t octets = std::min(kBlockOctets, batch.message_octets - offset);
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    const std::size_t item = std::min<std::size_t>(first + lane, batch.count - 1);
    std::uint8_t* to = out_blocks->lane(lane);
    if (octets > 0) {
      std::memcpy(to, batch.messages.data() + item * batch.message_octets + offset, octets);
    }
    if (octets < kBlockOctets) {
      std::memset(to + octets, 0, kBlockOctets - octets);
      to[octets] = 0x80;
    }
  }
}

/// Computes the CMAC of every message of a batch. Returns the target this code is compiled for.
inline std::int64_t cmac(const CmacBatch& batch, Octets macs) {
  struct Scratch {
    CmacKey key;
    Group blocks, mac;
  };
  Wiped<Scratch> wiped;
  Scratch& scratch = wiped.value;

  const std::size_t blocks =
      std::max<std::size_t>(1, (batch.message_octets + kBlockOctets - 1) / kBlockOctets);
  const bool last_complete = batch.message_octets == blocks * kBlockOctets;
  for (std::size_t first = 0; first < batch.count; first += kAbreast) {
    // Lanes beyond the end repeat the last message.
    for (std::size_t lane = 0; lane < kAbreast; ++lane) {
      const std::size_t item = std::min<std::size_t>(first + lane, batch.count - 1);
      std::memcpy(scratch.blocks.lane(lane), batch.keys.data() + item * kBlockOctets, kBlockOctets);
    }
    expand_keys(scratch.blocks, &scratch.key.round_keys);
    derive_subkeys(&scratch.key);
    scratch.mac = zero_group();
    for (std::size_t block = 0; block < blocks; ++block) {
      load_message_blocks(batch, first, block, &scratch.blocks);
      scratch.mac = xor_groups(scratch.mac, scratch.blocks);
      if (block + 1 == blocks) {
        scratch.mac = xor_groups(scratch.mac, last_complete ? scratch.key.k1 : scratch.key.k2);
      }
      encrypt(scratch.key.round_keys, &scratch.mac);
    }
    const std::size_t live = std::min<std::size_t>(kAbreast, batch.count - first);
    std::memcpy(macs.data() + first * kBlockOctets, scratch.mac.lane(0), live * kBlockOctets);
  }
  return HWY_TARGET;
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_CMAC_INL_H_
