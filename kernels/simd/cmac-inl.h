// SPDX-License-Identifier: Apache-2.0
//
// AES-128-CMAC (RFC 4493) of a batch of messages of any one length.
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
#include "simd/key_schedule-inl.h"
#include "simd/subkeys-inl.h"
#include "simd/vector-inl.h"
#include "simd/wipe-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

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
    RoundKeys round_keys;
    Group kin, l, subkey, blocks, mac;
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
      std::memcpy(scratch.kin.lane(lane), batch.keys.data() + item * kBlockOctets, kBlockOctets);
    }
    expand_keys([&](std::size_t v) HWY_ATTR { return scratch.kin.vectors[v]; },
                &scratch.round_keys);
    set_zero(&scratch.l);
    encrypt(scratch.round_keys, &scratch.l);
    if (last_complete) {
      derive_subkey<1>(scratch.l, &scratch.subkey);
    } else {
      derive_subkey<2>(scratch.l, &scratch.subkey);
    }
    set_zero(&scratch.mac);
    for (std::size_t block = 0; block < blocks; ++block) {
      load_message_blocks(batch, first, block, &scratch.blocks);
      xor_into(scratch.blocks, &scratch.mac);
      if (block + 1 == blocks) xor_into(scratch.subkey, &scratch.mac);
      encrypt(scratch.round_keys, &scratch.mac);
    }
    const std::size_t live = std::min<std::size_t>(kAbreast, batch.count - first);
    std::memcpy(macs.data() + first * kBlockOctets, scratch.mac.lane(0), live * kBlockOctets);
  }
  wipe_dead_stack();
  return HWY_TARGET;
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_CMAC_INL_H_
