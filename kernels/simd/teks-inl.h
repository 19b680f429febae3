// SPDX-License-Identifier: Apache-2.0
//
// Derives the TEKs of a tile of AMSs. The security associations of all AMSs are one flat list, so
// that every lane has work however unequal the AMSs are; each takes the Kin of its AMS, and all
// its TEKs come from one key schedule.
#if defined(REKEY_SIMD_TEKS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_TEKS_INL_H_
#undef REKEY_SIMD_TEKS_INL_H_
#else
#define REKEY_SIMD_TEKS_INL_H_
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
#include "simd/hierarchy-inl.h"
#include "simd/recipes.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

/// Groups of AMSs in a tile: enough for the last, partly filled group of security associations not
/// to matter, few enough for the Kins to stay in the first-level cache.
inline constexpr std::size_t kTileGroups = 16;
inline constexpr std::size_t kTileItems = kTileGroups * kAbreast;

/// TekScratch is the working memory of one group of security associations.
struct TekScratch {
  Group slots[kTekSlots];
  Group kin;
  CmacKey key;
  Group mac;
};

/// Tile is the part of a batch whose TEKs are derived together.
struct Tile {
  std::size_t first_item = 0;
  std::size_t items = 0;
  std::size_t first_sa = 0;
  std::size_t sas = 0;
};

/// Walks over the security associations of a tile and says whose each is.
class SaOwners {
 public:
  SaOwners(const CheckedBatch& batch, const Tile& tile)
      : batch_(batch), item_(tile.first_item), left_(batch.sa_count(item_)) {}

  /// The AMS of the next security association; there must be one.
  std::size_t next() {
    while (left_ == 0) left_ = batch_.sa_count(++item_);
    --left_;
    return item_;
  }

 private:
  const CheckedBatch& batch_;
  std::size_t item_;
  std::size_t left_;
};

template <Variant V, std::size_t B>
inline constexpr Recipe kTekMessageRecipe = tek_message_recipe(kLayout<V>.tek_step, B);

template <Variant V, std::size_t B>
REKEY_SIMD_INLINE void absorb_tek_block(TekScratch* scratch) {
  constexpr const StepLayout& kStep = kLayout<V>.tek_step;
  Group block = assemble<kTekMessageRecipe<V, B>>(scratch->slots);
  if constexpr (B > 0) block = xor_groups(block, scratch->mac);
  if constexpr (B + 1 == kStep.block_count) {
    block = xor_groups(block, kStep.last_block_complete ? scratch->key.k1 : scratch->key.k2);
  }
  encrypt(scratch->key.round_keys, &block);
  scratch->mac = block;
}

template <Variant V, std::size_t... B>
REKEY_SIMD_INLINE void derive_tek(TekScratch* scratch, std::index_sequence<B...>) {
  (absorb_tek_block<V, B>(scratch), ...);
}

REKEY_SIMD_INLINE void load_counter(std::uint16_t counter, Group* out_slot) {
  alignas(kBlockOctets) const std::uint8_t block[kBlockOctets] = {
      static_cast<std::uint8_t>(counter >> 8), static_cast<std::uint8_t>(counter)};
  const Vector blocks = hn::LoadDup128(OctetTag(), block);
  REKEY_SIMD_UNROLL
  for (std::size_t i = 0; i < kVectors; ++i) out_slot->vectors[i] = blocks;
}

/// Derives the TEKs of a tile from the Kins of its AMSs.
template <Variant V>
HWY_NOINLINE void derive_teks(const CheckedBatch& batch, const Tile& tile, const Group* kins,
                              TekScratch* scratch, Octets teks) {
  static_assert(kLayout<V>.tek_step.function == Function::kDot16Kdf);
  static_assert(kLayout<V>.tek_step.evaluations == 1);
  constexpr std::make_index_sequence<kLayout<V>.tek_step.block_count> kBlocks;
  constexpr std::size_t kSaidOctets = V.said_octets;
  const auto counters = batch.tek_counters();
  SaOwners owners(batch, tile);
  scratch->slots[kSaidSlot] = zero_group();
  for (std::size_t done = 0; done < tile.sas; done += kAbreast) {
    const std::size_t first_sa = tile.first_sa + done;
    const std::size_t live = std::min(kAbreast, tile.sas - done);
    // Lanes beyond the end keep what they held before.
    for (std::size_t lane = 0; lane < live; ++lane) {
      const std::size_t owner = owners.next() - tile.first_item;
      std::memcpy(scratch->kin.lane(lane), kins[owner / kAbreast].lane(owner % kAbreast),
                  kBlockOctets);
      std::memcpy(scratch->slots[kSaidSlot].lane(lane),
                  batch.saids().data() + (first_sa + lane) * kSaidOctets, kSaidOctets);
    }
    expand_keys(scratch->kin, &scratch->key.round_keys);
    derive_subkeys(&scratch->key);
    for (std::size_t c = 0; c < counters.size(); ++c) {
      load_counter(counters[c], &scratch->slots[kCounterSlot]);
      derive_tek<V>(scratch, kBlocks);
      for (std::size_t lane = 0; lane < live; ++lane) {
        std::memcpy(teks.data() + ((first_sa + lane) * counters.size() + c) * kTekOctets,
                    scratch->mac.lane(lane), kTekOctets);
      }
    }
  }
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_TEKS_INL_H_
