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
#include "profile/layout.h"

namespace rekey::cuda {

using profile::Value;

/// Values are the inputs and results of one derivation, each as little-endian words with zero
/// octets after its end. Every index is known at build time, so that on a device the words in use
/// are registers.
struct Values {
  static constexpr std::size_t kKinds = static_cast<std::size_t>(Value::kTek) + 1;
  static constexpr std::size_t kMaxWords = 5;

  std::uint32_t words[kKinds][kMaxWords] = {};

  template <Value V>
  REKEY_HOST_DEVICE std::uint32_t* of() {
    return words[static_cast<std::size_t>(V)];
  }
  template <Value V>
  REKEY_HOST_DEVICE const std::uint32_t* of() const {
    return words[static_cast<std::size_t>(V)];
  }
};

namespace internal {

/// OctetSource says where one octet of a message block comes from.
struct OctetSource {
  Value value = Value::kNone;
  std::size_t value_octet = 0;
  std::uint32_t constant = 0;
};

constexpr OctetSource octet_source(const profile::Block& block, std::size_t position) {
  for (std::size_t i = 0; i < block.field_count; ++i) {
    const profile::Field& field = block.fields[i];
    if (position >= field.block_offset && position < field.block_offset + field.octets) {
      return {field.value, field.value_offset + position - field.block_offset, 0};
    }
  }
  return {Value::kNone, 0, block.constant[position]};
}

REKEY_HOST_DEVICE inline std::uint32_t octet_at(const std::uint32_t* words, std::size_t position) {
  return words[position / 4] >> position % 4 * 8 & 0xffU;
}

template <typename Step, std::size_t BlockIndex, std::size_t Position>
inline constexpr OctetSource kOctetSource = octet_source(Step::kLayout.blocks[BlockIndex],
                                                         Position);

template <typename Step, std::size_t BlockIndex, std::size_t Position>
REKEY_HOST_DEVICE std::uint32_t message_octet(const Values& values) {
  constexpr OctetSource kSource = kOctetSource<Step, BlockIndex, Position>;
  if constexpr (kSource.value == Value::kNone) {
    return kSource.constant;
  } else {
    return octet_at(values.of<kSource.value>(), kSource.value_octet);
  }
}

template <typename Step, std::size_t BlockIndex, std::size_t... Positions>
REKEY_HOST_DEVICE Block message_block(const Values& values, std::index_sequence<Positions...>) {
  Block block;
  ((block.words[Positions / 4] |= message_octet<Step, BlockIndex, Positions>(values)
                                  << Positions % 4 * 8),
   ...);
  return block;
}

}  // namespace internal

/// message_block returns block `BlockIndex` of the padded message of T(evaluation).
template <typename Step, std::size_t BlockIndex>
REKEY_HOST_DEVICE Block message_block(const Values& values, std::uint32_t evaluation) {
  Block block =
      internal::message_block<Step, BlockIndex>(values, std::make_index_sequence<kBlockOctets>());
  if constexpr (BlockIndex == 0 && Step::kLayout.function == profile::Function::kDot16Kdf) {
    block.words[0] |= evaluation << 24;
  }
  return block;
}

/// kin returns the 16 octets the step is keyed with.
template <typename Step>
REKEY_HOST_DEVICE Block kin(const Values& values) {
  constexpr std::size_t kFirst = Step::kLayout.key_offset / 4;
  static_assert(Step::kLayout.key_offset % 4 == 0);
  Block block;
  REKEY_UNROLL
  for (std::size_t i = 0; i < 4; ++i) {
    block.words[i] = values.of<Step::kLayout.key>()[kFirst + i];
  }
  return block;
}

/// Evaluation is one T(i) over one set of values.
struct Evaluation {
  const Values& values;
  std::uint32_t number;
};

/// evaluate computes two T(i) of a step abreast, under one key.
template <typename Step, std::size_t BlockIndex = 0>
REKEY_HOST_DEVICE BlockPair evaluate(const KeySchedule& schedule, const Subkeys& subkeys,
                                     const Evaluation& first, const Evaluation& second,
                                     const BlockPair& chain = {}) {
  constexpr bool kLast = BlockIndex + 1 == Step::kLayout.block_count;
  BlockPair input = {chain.first ^ message_block<Step, BlockIndex>(first.values, first.number),
                     chain.second ^ message_block<Step, BlockIndex>(second.values, second.number)};
  if constexpr (kLast) {
    const Block& subkey = Step::kLayout.last_block_complete ? subkeys.k1 : subkeys.k2;
    input = {input.first ^ subkey, input.second ^ subkey};
    return encrypt(schedule, input);
  } else {
    return evaluate<Step, BlockIndex + 1>(schedule, subkeys, first, second,
                                          encrypt(schedule, input));
  }
}

namespace internal {

/// Copies the results of a step, which are zero until then, out of T(0) | T(1) | ...
template <typename Step, std::size_t Index = 0>
REKEY_HOST_DEVICE void cut_results(const std::uint32_t* whole, Values& values) {
  if constexpr (Index < Step::kLayout.cut_count) {
    constexpr profile::Cut kCut = Step::kLayout.cuts[Index];
    std::uint32_t* result = values.of<kCut.value>();
    REKEY_UNROLL
    for (std::size_t i = 0; i < kCut.octets; ++i) {
      result[i / 4] |= octet_at(whole, kCut.offset + i) << i % 4 * 8;
    }
    cut_results<Step, Index + 1>(whole, values);
  }
}

/// Evaluates T(Number), T(Number + 1), ... two at a time.
template <typename Step, std::uint32_t Number = 0>
REKEY_HOST_DEVICE void evaluate_all(const KeySchedule& schedule, const Subkeys& subkeys,
                                    const Values& values, Block* out_whole) {
  constexpr std::uint32_t kEvaluations = Step::kLayout.evaluations;
  if constexpr (Number < kEvaluations) {
    constexpr std::uint32_t kSecond = Number + 1 < kEvaluations ? Number + 1 : Number;
    const BlockPair pair = evaluate<Step>(schedule, subkeys, {values, Number}, {values, kSecond});
    out_whole[Number] = pair.first;
    out_whole[kSecond] = pair.second;
    evaluate_all<Step, Number + 2>(schedule, subkeys, values, out_whole);
  }
}

}  // namespace internal

/// run_step derives the results of a step into `values`. `schedule` and `subkeys` are those of the
/// step's key; a step that is no CMAC leaves `subkeys` alone.
template <typename Step>
REKEY_HOST_DEVICE void run_step(const KeySchedule& schedule, const Subkeys& subkeys,
                                Values& values) {
  constexpr std::size_t kEvaluations = Step::kLayout.evaluations;
  Block whole[kEvaluations];
  if constexpr (Step::kLayout.function == profile::Function::kDot16Kdf) {
    internal::evaluate_all<Step>(schedule, subkeys, values, whole);
  } else {
    static_assert(Step::kLayout.block_count == 1 && kEvaluations == 1);
    whole[0] = encrypt_one(schedule, message_block<Step, 0>(values, 0));
  }
  std::uint32_t octets[kEvaluations * 4];
  REKEY_UNROLL
  for (std::size_t i = 0; i < kEvaluations * 4; ++i) octets[i] = whole[i / 4].words[i % 4];
  internal::cut_results<Step>(octets, values);
}

}  // namespace rekey::cuda
