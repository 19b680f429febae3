// SPDX-License-Identifier: Apache-2.0
//
// Runs the steps of a hierarchy. The layout of a step (profile/layout.h) is a constant here: every
// octet's place is known at build time, and what is left is straight-line code on words.
//
// A Step is a type with a static constexpr profile::StepLayout kLayout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "cuda/aes.h"
#include "cuda/cmac.h"
#include "cuda/host_device.h"
#include "cuda/octet_words.h"
#include "profile/layout.h"

namespace rekey::cuda {

using profile::Value;

/// Values are what stands in the messages of one lane, each value as little-endian words with zero
/// octets after its end.
struct Values {
  static constexpr std::size_t kMaxWords = 2;
  static constexpr std::size_t kFirst = static_cast<std::size_t>(Value::kMsid);
  static constexpr std::size_t kKinds = static_cast<std::size_t>(Value::kMsidStar) - kFirst + 1;

  alignas(16) std::uint32_t words[kKinds][kMaxWords];

  template <Value V>
  REKEY_HOST_DEVICE std::uint32_t* of() {
    return words[index<V>()];
  }
  template <Value V>
  REKEY_HOST_DEVICE const std::uint32_t* of() const {
    return words[index<V>()];
  }

 private:
  template <Value V>
  REKEY_HOST_DEVICE static constexpr std::size_t index() {
    static_assert(V >= Value::kMsid && V <= Value::kMsidStar, "a value that no message holds");
    return static_cast<std::size_t>(V) - kFirst;
  }
};

/// DeriveState is what a thread keeps in memory, so that its registers are free for the cipher.
struct DeriveState {
  DeriveState() = default;
  DeriveState(const DeriveState&) = delete;
  DeriveState& operator=(const DeriveState&) = delete;
  REKEY_HOST_DEVICE ~DeriveState() { wipe_words(this, offsetof(DeriveState, cmac)); }

  static constexpr std::size_t kMaxKins = 2;

  Bits kins[kMaxKins];  ///< T(0) and T(1) of the last step that derived a key for later ones
  Values values[kAbreast];
  CmacState cmac;
};

namespace internal {

/// Which octets of a value's words stand in a word of a message: those from `first_octet` on, which
/// is negative where the value begins within the word.
constexpr int first_octet(const profile::Field& field, std::size_t word) {
  return static_cast<int>(word * 4 + field.value_offset) - field.block_offset;
}

/// Whether octets of the field stand in the word.
constexpr bool stands_in(const profile::Field& field, std::size_t word) {
  return field.block_offset < (word + 1) * 4 && field.block_offset + field.octets > word * 4;
}

template <Value V>
inline constexpr std::size_t kValueWords = (profile::value_octets(V, ProfileOptions{}) + 3) / 4;

/// The octets of a value that stand in a word of a message, in their places. Octets of the value
/// that belong to another block fall outside the word.
template <Value V, int FirstOctet>
REKEY_HOST_DEVICE std::uint32_t octets_from(const Values& values) {
  const std::uint32_t* words = values.of<V>();
  if constexpr (FirstOctet < 0) {
    return words[0] << -FirstOctet * 8;
  } else {
    constexpr std::size_t kWord = FirstOctet / 4;
    constexpr int kShift = FirstOctet % 4 * 8;
    if constexpr (kShift == 0) {
      return words[kWord];
    } else if constexpr (kWord + 1 < kValueWords<V>) {
      return words[kWord] >> kShift | words[kWord + 1] << (32 - kShift);
    } else {
      return words[kWord] >> kShift;
    }
  }
}

/// The octets of a word that are the same in every message.
constexpr std::uint32_t constant_word(const profile::Block& block, std::size_t word) {
  std::uint32_t constant = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    constant |= std::uint32_t{block.constant[word * 4 + i]} << i * 8;
  }
  return constant;
}

/// The bits of a block that is the same in every lane.
constexpr Bits constant_bits(const profile::Block& block) {
  Bits bits = {};
  for (std::size_t octet = 0; octet < kBlockOctets; ++octet) {
    for (int i = 0; i < 8; ++i) {
      if (block.constant[octet] >> i & 1) bits.rows[octet % 4][i] |= 0xffU << octet / 4 * 8;
    }
  }
  return bits;
}

/// Says what of a field stands in a word of a message.
struct FieldInWord {
  bool any = false;
  Value value = Value::kNone;
  int first_octet = 0;
};

constexpr FieldInWord field_in_word(const profile::Field& field, std::size_t word) {
  return {stands_in(field, word), field.value, first_octet(field, word)};
}

// Variables, because device code may read constants but not call what computes them.
template <typename Step, std::size_t BlockIndex>
inline constexpr std::size_t kFieldCount = Step::kLayout.blocks[BlockIndex].field_count;
template <typename Step, std::size_t BlockIndex, std::size_t Word>
inline constexpr std::uint32_t kConstantWord = constant_word(Step::kLayout.blocks[BlockIndex],
                                                             Word);
template <typename Step, std::size_t BlockIndex>
inline constexpr Bits kConstantBits = constant_bits(Step::kLayout.blocks[BlockIndex]);
template <typename Step, std::size_t BlockIndex, std::size_t Word, std::size_t Field>
inline constexpr FieldInWord kFieldInWord =
    field_in_word(Step::kLayout.blocks[BlockIndex].fields[Field], Word);

template <typename Step, std::size_t BlockIndex, std::size_t Word, std::size_t Field = 0>
REKEY_HOST_DEVICE std::uint32_t message_word(const Values& values) {
  if constexpr (Field < kFieldCount<Step, BlockIndex>) {
    std::uint32_t word = message_word<Step, BlockIndex, Word, Field + 1>(values);
    constexpr FieldInWord kField = kFieldInWord<Step, BlockIndex, Word, Field>;
    if constexpr (kField.any) word |= octets_from<kField.value, kField.first_octet>(values);
    return word;
  } else {
    return kConstantWord<Step, BlockIndex, Word>;
  }
}

template <typename Step, std::size_t BlockIndex, std::size_t... Words>
REKEY_HOST_DEVICE Block message_block(const Values& values, std::index_sequence<Words...>) {
  return {{message_word<Step, BlockIndex, Words>(values)...}};
}

/// Adds block `BlockIndex` of the padded message of T(number) to the chain.
template <typename Step, std::size_t BlockIndex>
REKEY_HOST_DEVICE void absorb(DeriveState& state, std::uint32_t number) {
  constexpr bool kHoldsNumber =
      BlockIndex == 0 && Step::kLayout.function == profile::Function::kDot16Kdf;
  if constexpr (kFieldCount<Step, BlockIndex> == 0) {
    constexpr Bits kConstant = kConstantBits<Step, BlockIndex>;
    Bits chain = load_bits(state.cmac.chain);
    REKEY_UNROLL
    for (int row = 0; row < 4; ++row) {
      REKEY_UNROLL
      for (int i = 0; i < 8; ++i) chain.rows[row][i] ^= kConstant.rows[row][i];
    }
    if constexpr (kHoldsNumber) {
      static_assert(profile::kMaxEvaluations <= 4);
      chain.rows[3][0] ^= (number & 1) * 0xffU;
      chain.rows[3][1] ^= (number >> 1) * 0xffU;
    }
    store_bits(chain, &state.cmac.chain);
  } else {
    REKEY_NO_UNROLL
    for (std::size_t lane = 0; lane < kAbreast; ++lane) {
      Block block = message_block<Step, BlockIndex>(state.values[lane],
                                                    std::make_index_sequence<kBlockOctets / 4>());
      if constexpr (kHoldsNumber) block.words[0] |= number << 24;
      store_block(block, reinterpret_cast<std::uint8_t*>(&state.cmac.blocks.lanes[lane]));
    }
    slice_onto(state.cmac.blocks, &state.cmac.chain);
  }
}

template <typename Step, std::size_t BlockIndex = 0>
REKEY_HOST_DEVICE void chain_blocks(DeriveState& state, std::uint32_t number) {
  absorb<Step, BlockIndex>(state, number);
  if constexpr (BlockIndex + 1 < Step::kLayout.block_count) {
    encrypt(state.cmac.schedule, &state.cmac.chain);
    chain_blocks<Step, BlockIndex + 1>(state, number);
  }
}

}  // namespace internal

/// evaluate computes T(number) of a step in all lanes, under the keys that `state` was last keyed
/// with, and leaves it in the chain.
template <typename Step>
REKEY_HOST_DEVICE void evaluate(DeriveState& state, std::uint32_t number) {
  restart(state.cmac);
  internal::chain_blocks<Step>(state, number);
  if constexpr (Step::kLayout.function == profile::Function::kDot16Kdf) add_subkey(&state.cmac);
  encrypt(state.cmac.schedule, &state.cmac.chain);
}

}  // namespace rekey::cuda
