// SPDX-License-Identifier: Apache-2.0
//
// Runs the AMS steps of a hierarchy over the lanes of a group, as straight-line code for each
// variant: which block is made of what, and what is keyed with what, is known at build time. Only
// the demand is known at run time.
#if defined(REKEY_SIMD_HIERARCHY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_HIERARCHY_INL_H_
#undef REKEY_SIMD_HIERARCHY_INL_H_
#else
#define REKEY_SIMD_HIERARCHY_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "profile/variants.h"
#include "rekey/batch.h"
#include "simd/cmac-inl.h"
#include "simd/demand.h"
#include "simd/recipes.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

using profile::Function;
using profile::kLayout;
using profile::StepLayout;
using profile::Value;
using profile::Variant;

/// AmsScratch is the working memory of the AMSs of one group.
struct AmsScratch {
  Group slots[kSlots];
  CmacKey key;
  Group kin;
};

/// Puts together the block of every lane.
template <const Recipe& R>
REKEY_SIMD_INLINE Group assemble(const Group* slots) {
  if constexpr (R.is_slot()) {
    return slots[R.shuffles[0].slot];
  } else {
    const OctetTag octets;
    Group blocks;
    const Vector constant = hn::LoadDup128(octets, R.constant);
    REKEY_SIMD_UNROLL
    for (std::size_t i = 0; i < kVectors; ++i) blocks.vectors[i] = constant;
    REKEY_SIMD_UNROLL
    for (std::size_t s = 0; s < R.shuffle_count; ++s) {
      const Group& slot = slots[R.shuffles[s].slot];
      const Vector indices = hn::LoadDup128(octets, R.shuffles[s].indices);
      REKEY_SIMD_UNROLL
      for (std::size_t i = 0; i < kVectors; ++i) {
        blocks.vectors[i] =
            hn::Or(blocks.vectors[i], hn::TableLookupBytesOr0(slot.vectors[i], indices));
      }
    }
    return blocks;
  }
}

// Step S of a variant, and the recipes of its Kin and of block B of the message of its T(E).
template <Variant V, std::size_t S>
inline constexpr StepLayout kStep = kLayout<V>.ams_steps[S];
template <Variant V, std::size_t S>
inline constexpr Recipe kKinRecipe = kin_recipe(kLayout<V>, kStep<V, S>);
template <Variant V, std::size_t S, std::size_t E, std::size_t B>
inline constexpr Recipe kMessageRecipe = ams_message_recipe(kLayout<V>, kStep<V, S>, B, E);

/// Whether some step runs CMAC under `key`, and so needs its subkeys.
constexpr bool keys_cmac(const profile::HierarchyLayout& layout, Value key) {
  for (std::size_t s = 0; s < layout.ams_step_count; ++s) {
    const StepLayout& step = layout.ams_steps[s];
    if (step.key == key && step.function == Function::kDot16Kdf) return true;
  }
  return false;
}

/// Takes block `B` of the message of T(E) into `*state`.
template <Variant V, std::size_t S, std::size_t E, std::size_t B>
REKEY_SIMD_INLINE void absorb(const CmacKey& key, const Group* slots, Group* state) {
  Group block = assemble<kMessageRecipe<V, S, E, B>>(slots);
  if constexpr (B > 0) block = xor_groups(block, *state);
  if constexpr (kStep<V, S>.function == Function::kDot16Kdf && B + 1 == kStep<V, S>.block_count) {
    block = xor_groups(block, kStep<V, S>.last_block_complete ? key.k1 : key.k2);
  }
  encrypt(key.round_keys, &block);
  *state = block;
}

/// Computes T(E) of step S into its slot.
template <Variant V, std::size_t S, std::size_t E, std::size_t... B>
REKEY_SIMD_INLINE void evaluate(const CmacKey& key, Group* slots, std::index_sequence<B...>) {
  Group state;
  (absorb<V, S, E, B>(key, slots, &state), ...);
  slots[result_slot(S, E)] = state;
}

template <Variant V, std::size_t S, std::size_t... E>
REKEY_SIMD_INLINE void evaluate_demanded(const Demand& demand, AmsScratch* scratch,
                                         std::index_sequence<E...>) {
  constexpr std::make_index_sequence<kStep<V, S>.block_count> kBlocks;
  ((demand.contains(S, E) ? evaluate<V, S, E>(scratch->key, scratch->slots, kBlocks) : void()),
   ...);
}

/// Runs step S as far as it is demanded. `*keyed` says whose schedule `scratch->key` holds.
template <Variant V, std::size_t S>
HWY_NOINLINE void run_step(const Demand& demand, AmsScratch* scratch, Value* keyed) {
  if (!demand.contains(S)) return;
  if (*keyed != kStep<V, S>.key) {
    scratch->kin = assemble<kKinRecipe<V, S>>(scratch->slots);
    expand_keys(scratch->kin, &scratch->key.round_keys);
    if constexpr (keys_cmac(kLayout<V>, kStep<V, S>.key)) derive_subkeys(&scratch->key);
    *keyed = kStep<V, S>.key;
  }
  evaluate_demanded<V, S>(demand, scratch, std::make_index_sequence<kStep<V, S>.evaluations>());
}

template <Variant V, std::size_t... S>
REKEY_SIMD_INLINE void run_steps(const Demand& demand, AmsScratch* scratch,
                                 std::index_sequence<S...>) {
  Value keyed = Value::kNone;
  (run_step<V, S>(demand, scratch, &keyed), ...);
}

/// Fills the input slots with AMSs `first` and on. Lanes beyond the end repeat the last AMS.
inline void load_inputs(const CheckedBatch& batch, std::size_t first, Group* slots) {
  const auto pmk = batch.pmk();
  const auto msid = batch.msid();
  const auto bsid = batch.bsid();
  const auto nonce = batch.nonce();
  const auto cmac_key_count = batch.cmac_key_count();
  const auto ak_sn = batch.ak_sn();
  slots[kIdentitySlot] = zero_group();
  slots[kNonceSlot] = zero_group();
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    const std::size_t item = std::min<std::size_t>(first + lane, batch.count() - 1);
    std::uint8_t* identity = slots[kIdentitySlot].lane(lane);
    std::memcpy(identity, msid.at(item), kMsidOctets);
    std::memcpy(identity + kBsidOffset, bsid.at(item), kBsidOctets);
    std::memcpy(identity + kCmacKeyCountOffset, cmac_key_count.at(item), kCmacKeyCountOctets);
    std::memcpy(identity + kAkSnOffset, ak_sn.at(item), kAkSnOctets);
    if (nonce.data != nullptr) {
      std::memcpy(slots[kNonceSlot].lane(lane), nonce.at(item), kNonceOctets);
    }
    std::memcpy(slots[kPmkSlot].lane(lane), pmk.at(item) + kPmkSlotSkips, kBlockOctets);
  }
}

/// Copies the first `live` lanes of one result to its column, if it is asked for.
template <Variant V, std::size_t S, std::size_t C>
REKEY_SIMD_INLINE void export_cut(const Group* slots, KeySet outputs, std::size_t first,
                                  std::size_t live, const BatchResult& result) {
  constexpr profile::Cut kCut = kStep<V, S>.cuts[C];
  constexpr auto kKind = kind_of(kCut.value);
  if constexpr (kKind.has_value()) {
    if (!outputs.contains(*kKind)) return;
    // A key lies in one T(i), or begins in one and ends with the next.
    constexpr std::size_t kSlot = result_slot(S, kCut.offset / kBlockOctets);
    constexpr std::size_t kOffset = kCut.offset % kBlockOctets;
    constexpr std::size_t kHead = std::min<std::size_t>(kCut.octets, kBlockOctets - kOffset);
    constexpr std::size_t kTail = kCut.octets - kHead;
    static_assert(kTail <= kBlockOctets);
    std::uint8_t* key = result.column(*kKind).data() + first * kCut.octets;
    for (std::size_t lane = 0; lane < live; ++lane, key += kCut.octets) {
      std::memcpy(key, slots[kSlot].lane(lane) + kOffset, kHead);
      if constexpr (kTail > 0) std::memcpy(key + kHead, slots[kSlot + 1].lane(lane), kTail);
    }
  }
}

template <Variant V, std::size_t S, std::size_t... C>
REKEY_SIMD_INLINE void export_step(const Group* slots, KeySet outputs, std::size_t first,
                                   std::size_t live, const BatchResult& result,
                                   std::index_sequence<C...>) {
  (export_cut<V, S, C>(slots, outputs, first, live, result), ...);
}

template <Variant V, std::size_t... S>
REKEY_SIMD_INLINE void export_steps(const Group* slots, KeySet outputs, std::size_t first,
                                    std::size_t live, const BatchResult& result,
                                    std::index_sequence<S...>) {
  (export_step<V, S>(slots, outputs, first, live, result,
                     std::make_index_sequence<kStep<V, S>.cut_count>()),
   ...);
}

/// Copies the first `live` lanes of every result asked for to AMSs `first` and on.
template <Variant V>
REKEY_SIMD_INLINE void export_results(const Group* slots, KeySet outputs, std::size_t first,
                                      std::size_t live, const BatchResult& result) {
  export_steps<V>(slots, outputs, first, live, result,
                  std::make_index_sequence<kLayout<V>.ams_step_count>());
  if constexpr (kLayout<V>.msid_star_is_msid) {
    if (!outputs.contains(KeyKind::kMsidStar)) return;
    for (std::size_t lane = 0; lane < live; ++lane) {
      std::memcpy(result.msid_star.data() + (first + lane) * kMsidStarOctets,
                  slots[kIdentitySlot].lane(lane), kMsidStarOctets);
    }
  }
}

/// Derives the keys of the AMSs `first` and on, as many as a group has lanes and the batch has
/// AMSs, except TEKs. What later stages need is left in the slots.
template <Variant V>
HWY_NOINLINE void derive_group(const CheckedBatch& batch, const Demand& demand, std::size_t first,
                               AmsScratch* scratch, const BatchResult& result) {
  load_inputs(batch, first, scratch->slots);
  run_steps<V>(demand, scratch, std::make_index_sequence<kLayout<V>.ams_step_count>());
  const std::size_t live = std::min<std::size_t>(kAbreast, batch.count() - first);
  export_results<V>(scratch->slots, batch.outputs(), first, live, result);
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_HIERARCHY_INL_H_
