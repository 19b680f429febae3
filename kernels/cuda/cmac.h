// SPDX-License-Identifier: Apache-2.0
//
// AES-128-CMAC (RFC 4493), eight messages abreast in one thread. Branches depend on lengths alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/aes.h"
#include "cuda/host_device.h"
#include "cuda/lanes.h"
#include "cuda/octet_words.h"

namespace rekey::cuda {

/// CmacState is what a thread keeps in memory to compute eight MACs. It is wiped when destroyed.
struct CmacState {
  CmacState() = default;
  CmacState(const CmacState&) = delete;
  CmacState& operator=(const CmacState&) = delete;
  REKEY_HOST_DEVICE ~CmacState() { wipe_words(this, sizeof(*this)); }

  KeySchedule schedule;
  Bits subkey;    ///< for the last block
  Bits chain;     ///< the MAC of all blocks so far
  Blocks blocks;  ///< on their way between columns and `chain`
};

/// restart makes the chain that of no blocks at all.
REKEY_HOST_DEVICE inline void restart(CmacState& state) { store_bits({}, &state.chain); }

/// double_blocks multiplies by x in the field of RFC 4493, section 2.3, where octet 0 comes first.
REKEY_HOST_DEVICE inline Bits double_blocks(const Bits& bits) {
  Bits doubled;
  REKEY_UNROLL
  for (int row = 0; row < 4; ++row) {
    REKEY_UNROLL
    for (int i = 1; i < 8; ++i) doubled.rows[row][i] = bits.rows[row][i - 1];
    // The octet that follows stands in the next row, and after the last row in the next column.
    // Column 0 comes round to octet 15: there it is the least significant bit of 0x87.
    doubled.rows[row][0] = row < 3 ? bits.rows[row + 1][7] : rotate_right(bits.rows[0][7], 8);
  }
  const std::uint32_t reduction = bits.rows[0][7] << 24;
  doubled.rows[3][1] ^= reduction;
  doubled.rows[3][2] ^= reduction;
  doubled.rows[3][7] ^= reduction;
  return doubled;
}

/// key_with expands eight keys and works out their subkeys: K1, for a last block that is complete,
/// or K2, for one that was padded. It costs one block and leaves the chain undefined.
REKEY_HOST_DEVICE_NOINLINE inline void key_with(const Bits& keys, bool last_block_complete,
                                                CmacState* state) {
  expand_keys(keys, &state->schedule);
  restart(*state);
  encrypt(state->schedule, &state->chain);
  Bits subkey = double_blocks(load_bits(state->chain));
  if (!last_block_complete) subkey = double_blocks(subkey);
  store_bits(subkey, &state->subkey);
}

/// add_subkey goes before the last encrypt().
REKEY_HOST_DEVICE_NOINLINE inline void add_subkey(CmacState* state) {
  Bits chain = load_bits(state->chain);
  internal::add(chain, state->subkey);
  store_bits(chain, &state->chain);
}

/// CmacColumns are the messages of one launch, in the memory of whoever runs it. `keys` and `macs`
/// are aligned to a block; `messages` begin and end with a whole word of memory.
struct CmacColumns {
  const std::uint8_t* keys = nullptr;
  const std::uint8_t* messages = nullptr;
  std::uint8_t* macs = nullptr;
  std::size_t message_octets = 0;
  std::uint32_t count = 0;
};

/// cmac_messages computes the MACs of one thread.
REKEY_HOST_DEVICE inline void cmac_messages(const CmacColumns& columns, const Lanes& lanes) {
  CmacState state;
  REKEY_NO_UNROLL
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    state.blocks.lanes[lane] = load_block(columns.keys + std::size_t{lanes[lane]} * kBlockOctets);
  }
  restart(state);
  slice_onto(state.blocks, &state.chain);
  const std::size_t length = columns.message_octets;
  key_with(state.chain, length > 0 && length % kBlockOctets == 0, &state);

  restart(state);
  std::size_t done = 0;
  bool last = false;
  while (!last) {
    const std::size_t left = length - done;
    last = left <= kBlockOctets;
    REKEY_NO_UNROLL
    for (std::size_t lane = 0; lane < kAbreast; ++lane) {
      state.blocks.lanes[lane] = gather_block(columns.messages + lanes[lane] * length + done, left);
    }
    slice_onto(state.blocks, &state.chain);
    if (last) add_subkey(&state);
    encrypt(state.schedule, &state.chain);
    done += kBlockOctets;
  }
  unslice(state.chain, &state.blocks);
  REKEY_NO_UNROLL
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    if (!lanes.has(lane)) continue;
    store_block(state.blocks.lanes[lane], columns.macs + std::size_t{lanes[lane]} * kBlockOctets);
  }
}

}  // namespace rekey::cuda
