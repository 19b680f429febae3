// SPDX-License-Identifier: Apache-2.0
//
// Runs a phase of a hierarchy over a group of AMSs, as straight-line code for each variant: which
// block is made of what, and what is keyed with what, is known at build time. Only the demand is
// known at run time.
#if defined(REKEY_SIMD_AMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_AMS_INL_H_
#undef REKEY_SIMD_AMS_INL_H_
#else
#define REKEY_SIMD_AMS_INL_H_
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "profile/variants.h"
#include "simd/aes-inl.h"
#include "simd/demand.h"
#include "simd/inputs-inl.h"
#include "simd/key_schedule-inl.h"
#include "simd/outputs-inl.h"
#include "simd/phases.h"
#include "simd/recipes.h"
#include "simd/rows-inl.h"
#include "simd/stages.h"
#include "simd/subkeys-inl.h"
#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

using profile::Function;
using profile::kLayout;
using profile::StepLayout;
using profile::Variant;

/// GroupPlace is where a group of AMSs lies in the batch.
struct GroupPlace {
  std::size_t first = 0;
  std::size_t live = 0;  ///< lanes that are AMSs
  std::size_t first_sa = 0;
  std::ptrdiff_t equal_sa_count = -1;  ///< of each AMS; -1: not equal, or not a full group
  bool has_usual_teks = false;         ///< one security association each, with two TEKs
};

/// UsualTeks is the working memory of the TEKs of a group whose AMSs have the usual: one security
/// association each, with two TEKs.
struct UsualTeks {
  PaddedRows<1> padded_saids{};
  const std::uint8_t* said_rows = padded_saids.octets;
  std::uint8_t* rows = nullptr;
  bool streams = false;  ///< `rows` is to be stored past the caches
  Group keys[kUsualTeks];
};

/// AmsGroup is the working memory of the AMSs of one group.
struct AmsGroup {
  /// `stage` must outlive it.
  AmsGroup(const CheckedBatch& batch, const BatchResult& result, OutputStage* stage)
      : inputs(batch), outputs(batch, result, stage) {}

  [[nodiscard]] HWY_INLINE Group& result(std::size_t slot) { return results[slot - kInputSlots]; }
  [[nodiscard]] HWY_INLINE const Group& result(std::size_t slot) const {
    return results[slot - kInputSlots];
  }

  /// The key schedule of a phase.
  [[nodiscard]] HWY_INLINE RoundKeys* keys_of(std::size_t phase) {
    return phase == 0 ? first_round_keys : &round_keys;
  }

  GroupPlace place;
  GroupInputs inputs;
  GroupOutputs outputs;
  Group results[kMaxResultSlots];  ///< the result slots
  RoundKeys round_keys;            ///< of the present phase
  /// Of the first phase: elsewhere, if it is written while another phase is present.
  RoundKeys* first_round_keys = &round_keys;
  Group l;  ///< AES of the zero block
  Group k1, k2;
  UsualTeks usual_teks;
};

template <Variant V>
inline constexpr Phases kPhases = [] {
  static_assert(kLayout<V>.evaluations <= kMaxResultSlots);
  return phases_of(kLayout<V>);
}();
template <Variant V>
inline constexpr Demand kSlotsRead = slots_read(kLayout<V>);
template <Variant V>
inline constexpr Demand kFullDemand = demand_for(kLayout<V>, KeySet(kAllKeyKinds));
// Phase P of a variant, its step S and wave W, and the recipes of its Kin and of block B of a
// message.
template <Variant V, std::size_t P>
inline constexpr Phase kPhase = kPhases<V>.items[P];
template <Variant V, std::size_t P, std::size_t S>
inline constexpr StepLayout kStep = kLayout<V>.ams_steps[kPhase<V, P>.first_step + S];
template <Variant V, std::size_t P, std::size_t W>
inline constexpr Wave kWave = wave_of(kLayout<V>, kPhase<V, P>, kFullDemand<V>, W);
template <Variant V, std::size_t P>
inline constexpr Recipe kKinRecipe = kin_recipe(kLayout<V>, kStep<V, P, 0>);
template <Variant V, std::size_t P, std::size_t S, std::size_t B>
inline constexpr Recipe kMessageRecipe = ams_message_recipe(kLayout<V>, kStep<V, P, S>, B);

/// Returns the octets that shuffle S of a recipe brings along.
template <const Recipe& R, std::size_t S>
HWY_INLINE Vector shuffled(const AmsGroup& group, std::size_t v) {
  constexpr std::size_t kSlot = R.shuffles[S].slot;
  if constexpr (kSlot < kInputSlots) {
    return place_rows<R, S, kInputOctets[kSlot]>(group.inputs.rows(kSlot), v);
  } else {
    return hn::TableLookupBytesOr0(group.result(kSlot).vectors[v],
                                   hn::LoadDup128(OctetTag(), R.shuffles[S].indices));
  }
}

template <const Recipe& R, std::size_t... S>
HWY_INLINE Vector assemble_shuffled(const AmsGroup& group, std::size_t v,
                                    std::index_sequence<S...>) {
  Vector block = hn::LoadDup128(OctetTag(), R.constant);
  ((block = hn::Or(block, shuffled<R, S>(group, v))), ...);
  return block;
}

/// Puts together the block of every lane of vector `v`.
template <const Recipe& R>
HWY_INLINE Vector assemble(const AmsGroup& group, std::size_t v) {
  if constexpr (!R.is_slot()) {
    return assemble_shuffled<R>(group, v, std::make_index_sequence<R.shuffle_count>());
  } else if constexpr (R.shuffles[0].slot == kPmkSlot) {
    const std::uint8_t* rows = group.inputs.rows(kPmkSlot) + kPmkSlotSkips;
    return load_vector(rows + v * kBlocksPerVector * kPmkOctets, kPmkOctets);
  } else {
    return group.result(R.shuffles[0].slot).vectors[v];
  }
}

/// A block whose octet kEvaluationOctet is E.
template <std::size_t E>
HWY_INLINE Vector evaluation_number() {
  alignas(kBlockOctets) static constexpr auto kNumber = [] {
    std::array<std::uint8_t, kBlockOctets> number{};
    number[kEvaluationOctet] = E;
    return number;
  }();
  return hn::LoadDup128(OctetTag(), kNumber.data());
}

/// Returns block B of the messages of step S, for vector `v`, as far as T(0), T(1), ... have it in
/// common.
template <Variant V, std::size_t P, std::size_t S, std::size_t B>
HWY_INLINE Vector common_block(const AmsGroup& group, std::size_t v) {
  constexpr StepLayout kIn = kStep<V, P, S>;
  Vector block = assemble<kMessageRecipe<V, P, S, B>>(group, v);
  if constexpr (kIn.function == Function::kDot16Kdf && B + 1 == kIn.block_count) {
    block = hn::Xor(block, (kIn.last_block_complete ? group.k1 : group.k2).vectors[v]);
  }
  return block;
}

/// Makes of the first block of T(0)'s message that of T(E)'s.
template <std::size_t E>
HWY_INLINE Vector of_evaluation(Vector block) {
  if constexpr (E > 0) block = hn::Xor(block, evaluation_number<E>());
  return block;
}

/// Makes of a common block what is to be encrypted for T(E), in the result slot of T(E).
template <Variant V, std::size_t P, std::size_t S, std::size_t E, std::size_t B>
HWY_INLINE void prepare_block(Vector block, AmsGroup* group, std::size_t v) {
  Vector& to = group->result(result_slot(kStep<V, P, S>, E)).vectors[v];
  block = B == 0 ? of_evaluation<E>(block) : hn::Xor(block, to);
  to = block;
}

/// Puts together the blocks that wave W takes of step S, for vector `v`: those of each T(i) that is
/// ever demanded.
template <Variant V, std::size_t P, std::size_t W, std::size_t S>
HWY_INLINE void prepare_step(AmsGroup* group, std::size_t v) {
  constexpr StepLayout kIn = kStep<V, P, S>;
  constexpr std::size_t kBlock = W - first_wave(kIn);
  const Vector common = common_block<V, P, S, kBlock>(*group, v);
  for_constants<kIn.evaluations>([&](auto e) REKEY_SIMD_LAMBDA {
    if constexpr (kFullDemand<V>.contains(kIn, e)) {
      prepare_block<V, P, S, e, kBlock>(common, group, v);
    }
  });
}

/// Writes the subkeys that phase P takes, for vector `v`, from AES of the zero block.
template <Variant V, std::size_t P>
HWY_INLINE void write_subkeys(AmsGroup* group, std::size_t v) {
  const Vector l = group->l.vectors[v];
  if constexpr (kPhase<V, P>.takes_k1) group->k1.vectors[v] = times_x<1>(l);
  if constexpr (kPhase<V, P>.takes_k2) group->k2.vectors[v] = times_x<2>(l);
}

/// Exports result C of step S, for vector `v`.
template <Variant V, std::size_t P, std::size_t S, std::size_t C>
HWY_INLINE void export_cut(const AmsGroup& group, std::size_t v) {
  constexpr StepLayout kIn = kStep<V, P, S>;
  constexpr profile::Cut kCut = kIn.cuts[C];
  constexpr auto kKind = kind_of(kCut.value);
  if constexpr (kKind.has_value()) {
    constexpr std::size_t kOffset = kCut.offset % kBlockOctets;
    constexpr std::size_t kEnd = kCut.offset + kCut.octets;
    constexpr std::size_t kFirst = kCut.offset / kBlockOctets;
    constexpr std::size_t kLast = (kEnd - 1) / kBlockOctets;
    const Vector first = group.result(result_slot(kIn, kFirst)).vectors[v];
    std::uint8_t* rows = group.outputs.rows(*kKind);
    if constexpr (kFirst == kLast) {
      store_rows<kOffset, kCut.octets>(first, rows, v, group.outputs.streams());
    } else {
      static_assert(kFirst + 1 == kLast && kEnd % kBlockOctets == 0, "the key ends with a block");
      store_joined_rows<kOffset>(first, group.result(result_slot(kIn, kLast)).vectors[v], rows, v);
    }
  }
}

/// Exports what step S yields, for vector `v`.
template <Variant V, std::size_t P, std::size_t S>
HWY_INLINE void export_step(const AmsGroup& group, std::size_t v) {
  for_constants<kStep<V, P, S>.cut_count>(
      [&](auto c) REKEY_SIMD_LAMBDA { export_cut<V, P, S, c>(group, v); });
}

/// Adds block N of wave W to `blocks`, if it is demanded.
template <Variant V, std::size_t P, std::size_t W, std::size_t N>
REKEY_SIMD_INLINE void add_demanded(const Demand& demand, AmsGroup* group, BlockList* blocks) {
  constexpr WaveBlock kBlock = kWave<V, P, W>.blocks[N];
  if constexpr (kBlock.is_zero) {
    set_zero(&group->l);
    blocks->add(&group->l);
  } else {
    constexpr std::size_t kSlot = result_slot(kStep<V, P, kBlock.step>, kBlock.evaluation);
    if (!demand.contains(kSlot)) return;
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Vector common = common_block<V, P, kBlock.step, kBlock.block>(*group, v);
      prepare_block<V, P, kBlock.step, kBlock.evaluation, kBlock.block>(common, group, v);
    }
    blocks->add(&group->result(kSlot));
  }
}

/// Encrypts what is demanded of wave W.
template <Variant V, std::size_t P, std::size_t W, std::size_t... N>
REKEY_SIMD_INLINE void run_demanded(const Demand& demand, AmsGroup* group,
                                    std::index_sequence<N...>) {
  BlockList blocks;
  (add_demanded<V, P, W, N>(demand, group, &blocks), ...);
  encrypt(*group->keys_of(P), blocks);
  if constexpr (kWave<V, P, W>.blocks[0].is_zero) {
    for (std::size_t v = 0; v < kVectors; ++v) write_subkeys<V, P>(group, v);
  }
}

/// Exports result C of step S, if it is asked for.
template <Variant V, std::size_t P, std::size_t S, std::size_t C>
REKEY_SIMD_INLINE void export_cut_if_wanted(const AmsGroup& group) {
  constexpr auto kKind = kind_of(kStep<V, P, S>.cuts[C].value);
  if constexpr (kKind.has_value()) {
    if (!group.outputs.wants(*kKind)) return;
    for (std::size_t v = 0; v < kVectors; ++v) export_cut<V, P, S, C>(group, v);
  }
}

template <Variant V, std::size_t P, std::size_t S, std::size_t... C>
REKEY_SIMD_INLINE void export_step_if_wanted(const AmsGroup& group, std::index_sequence<C...>) {
  (export_cut_if_wanted<V, P, S, C>(group), ...);
}

/// Exports what is asked for of phase P.
template <Variant V, std::size_t P, std::size_t... S>
HWY_NOINLINE void export_phase(const AmsGroup& group, std::index_sequence<S...>) {
  (export_step_if_wanted<V, P, S>(group, std::make_index_sequence<kStep<V, P, S>.cut_count>()),
   ...);
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_AMS_INL_H_
