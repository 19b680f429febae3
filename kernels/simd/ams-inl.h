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
#include "simd/subkeys-inl.h"
#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

using profile::Function;
using profile::kLayout;
using profile::StepLayout;
using profile::Variant;

/// AmsGroup is the working memory of the AMSs of one group.
struct AmsGroup {
  AmsGroup(const CheckedBatch& batch, const BatchResult& result)
      : inputs(batch), outputs(result, batch.outputs()) {}

  [[nodiscard]] HWY_INLINE Group& result(std::size_t slot) { return results[slot - kInputSlots]; }
  [[nodiscard]] HWY_INLINE const Group& result(std::size_t slot) const {
    return results[slot - kInputSlots];
  }

  GroupInputs inputs;
  GroupOutputs outputs;
  Group results[kMaxResultSlots];  ///< the result slots
  RoundKeys round_keys;            ///< of the present phase
  Group l;                         ///< AES of the zero block
  Group k1, k2;
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

/// The key schedule of phase P of a group, which may be null, as work for later.
template <Variant V, std::size_t P>
HWY_INLINE auto schedule_of(AmsGroup* group) {
  const auto load = [group](std::size_t v)
                        HWY_ATTR { return assemble<kKinRecipe<V, P>>(*group, v); };
  return PendingSchedule<decltype(load)>{group != nullptr, load,
                                         group == nullptr ? nullptr : &group->round_keys};
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

/// Returns what is to be encrypted of block B of the message of T(E) of step S, for vector `v`.
template <Variant V, std::size_t P, std::size_t S, std::size_t E, std::size_t B>
HWY_INLINE Vector input_of(const AmsGroup& group, std::size_t v) {
  constexpr StepLayout kIn = kStep<V, P, S>;
  Vector block = assemble<kMessageRecipe<V, P, S, B>>(group, v);
  if constexpr (kIn.function == Function::kDot16Kdf && B + 1 == kIn.block_count) {
    block = hn::Xor(block, (kIn.last_block_complete ? group.k1 : group.k2).vectors[v]);
  }
  if constexpr (B == 0 && E > 0) block = hn::Xor(block, evaluation_number<E>());
  if constexpr (B > 0) block = hn::Xor(block, group.result(result_slot(kIn, E)).vectors[v]);
  return block;
}

/// Writes the subkeys that phase P takes. `l` is AES of the zero block, for vector `v`.
template <Variant V, std::size_t P>
HWY_INLINE void store_subkeys(Vector l, std::size_t v, AmsGroup* group) {
  if constexpr (kPhase<V, P>.takes_k1) group->k1.vectors[v] = times_x<1>(l);
  if constexpr (kPhase<V, P>.takes_k2) group->k2.vectors[v] = times_x<2>(l);
}

/// Stores result C of step S as far as it ends in T(E), `block`. `before` is T(E - 1).
template <Variant V, std::size_t P, std::size_t S, std::size_t E, std::size_t C>
HWY_INLINE void store_cut(Vector block, Vector before, std::size_t v, const AmsGroup& group) {
  constexpr profile::Cut kCut = kStep<V, P, S>.cuts[C];
  constexpr auto kKind = kind_of(kCut.value);
  constexpr std::size_t kEnd = kCut.offset + kCut.octets;
  if constexpr (kKind.has_value() && (kEnd - 1) / kBlockOctets == E) {
    constexpr std::size_t kOffset = kCut.offset % kBlockOctets;
    if constexpr (kCut.offset / kBlockOctets == E) {
      store_rows<kOffset, kCut.octets>(block, group.outputs.rows(*kKind), v);
    } else {
      static_assert(kEnd == (E + 1) * kBlockOctets, "the key ends where the block does");
      store_joined_rows<kOffset>(before, block, group.outputs.rows(*kKind), v);
    }
  }
}

template <Variant V, std::size_t P, std::size_t S, std::size_t E, std::size_t... C>
HWY_INLINE void store_cuts(Vector block, Vector before, std::size_t v, const AmsGroup& group,
                           std::index_sequence<C...>) {
  (store_cut<V, P, S, E, C>(block, before, v, group), ...);
}

/// Encrypts blocks `First` and on, N of them, of wave W, and exports what is finished by that. All
/// of it is asked for.
template <Variant V, std::size_t P, std::size_t W, std::size_t First, std::size_t N,
          typename Schedule>
HWY_INLINE void run_whole(AmsGroup* group, const Schedule& schedule) {
  Vector before = hn::Zero(OctetTag());  // the T(i) that was finished before
  encrypt<N>(
      group->round_keys, schedule,
      [&](std::size_t v, auto n) HWY_ATTR {
        constexpr WaveBlock kBlock = kWave<V, P, W>.blocks[First + n()];
        if constexpr (kBlock.is_zero) {
          return hn::Zero(OctetTag());
        } else {
          return input_of<V, P, kBlock.step, kBlock.evaluation, kBlock.block>(*group, v);
        }
      },
      [&](std::size_t v, auto n, Vector block) HWY_ATTR {
        constexpr WaveBlock kBlock = kWave<V, P, W>.blocks[First + n()];
        if constexpr (kBlock.is_zero) {
          store_subkeys<V, P>(block, v, group);
        } else {
          constexpr StepLayout kIn = kStep<V, P, kBlock.step>;
          constexpr std::size_t kSlot = result_slot(kIn, kBlock.evaluation);
          constexpr bool kIsFinished = kBlock.block + 1 == kIn.block_count;
          if constexpr (!kIsFinished || kSlotsRead<V>.contains(kSlot)) {
            group->result(kSlot).vectors[v] = block;
          }
          if constexpr (kIsFinished) {
            store_cuts<V, P, kBlock.step, kBlock.evaluation>(
                block, before, v, *group, std::make_index_sequence<kIn.cut_count>());
            before = block;
          }
        }
      });
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
      group->result(kSlot).vectors[v] =
          input_of<V, P, kBlock.step, kBlock.evaluation, kBlock.block>(*group, v);
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
  encrypt(group->round_keys, blocks);
  if constexpr (kWave<V, P, W>.blocks[0].is_zero) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      store_subkeys<V, P>(group->l.vectors[v], v, group);
    }
  }
}

/// Exports result C of step S, if it is asked for.
template <Variant V, std::size_t P, std::size_t S, std::size_t C>
REKEY_SIMD_INLINE void export_cut(const AmsGroup& group) {
  constexpr profile::Cut kCut = kStep<V, P, S>.cuts[C];
  constexpr auto kKind = kind_of(kCut.value);
  if constexpr (kKind.has_value()) {
    if (!group.outputs.wants(*kKind)) return;
    constexpr std::size_t kFirst = kCut.offset / kBlockOctets;
    constexpr std::size_t kLast = (kCut.offset + kCut.octets - 1) / kBlockOctets;
    const Group& first = group.result(result_slot(kStep<V, P, S>, kFirst));
    const Group& last = group.result(result_slot(kStep<V, P, S>, kLast));
    for (std::size_t v = 0; v < kVectors; ++v) {
      store_cut<V, P, S, kLast, C>(last.vectors[v], first.vectors[v], v, group);
    }
  }
}

template <Variant V, std::size_t P, std::size_t S, std::size_t... C>
REKEY_SIMD_INLINE void export_step(const AmsGroup& group, std::index_sequence<C...>) {
  (export_cut<V, P, S, C>(group), ...);
}

/// Exports what is asked for of phase P.
template <Variant V, std::size_t P, std::size_t... S>
HWY_NOINLINE void export_phase(const AmsGroup& group, std::index_sequence<S...>) {
  (export_step<V, P, S>(group, std::make_index_sequence<kStep<V, P, S>.cut_count>()), ...);
}

/// What is asked for of a phase.
enum class Extent : std::uint8_t { kNothing, kPart, kWhole };

template <Variant V, std::size_t P>
Extent extent_of(const Demand& demand, KeySet outputs) {
  constexpr Phase kIn = kPhase<V, P>;
  constexpr Demand kSlotsOf = slots_of(kLayout<V>, kIn, kFullDemand<V>);
  constexpr KeySet kExports = exports_of(kLayout<V>, kIn);
  const bool anything =
      demand.contains_any(kSlotsOf) || (kIn.derives_teks && outputs.contains(KeyKind::kTek));
  const bool everything = demand.contains_all(kSlotsOf) && kExports.without(outputs).empty();
  if (!anything) return Extent::kNothing;
  return everything && kHasCodePerWave ? Extent::kWhole : Extent::kPart;
}

/// Runs wave W of phase P for one group, whose key schedule has been written, and writes a schedule
/// that is pending.
template <Variant V, std::size_t P, std::size_t W, typename Schedule>
REKEY_SIMD_INLINE void run_wave(const Demand& demand, Extent extent, AmsGroup* group,
                                const Schedule& schedule) {
  constexpr std::size_t kBlocks = kWave<V, P, W>.count;
  if constexpr (kHasCodePerWave) {
    if (extent == Extent::kWhole) {
      // Four blocks and a key schedule are as much as the registers hold.
      constexpr std::size_t kFirst = kBlocks <= 4 ? kBlocks : (kBlocks + 1) / 2;
      run_whole<V, P, W, 0, kFirst>(group, schedule);
      if constexpr (kFirst < kBlocks) {
        run_whole<V, P, W, kFirst, kBlocks - kFirst>(group, NoSchedule());
      }
      return;
    }
  }
  schedule.write();
  run_demanded<V, P, W>(demand, group, std::make_index_sequence<kBlocks>());
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_AMS_INL_H_
