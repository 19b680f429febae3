// SPDX-License-Identifier: Apache-2.0
//
// Derives a batch tile by tile: first the AMSs' own keys, group by group, then the TEKs of the
// tile.
#if defined(REKEY_SIMD_DERIVE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_DERIVE_INL_H_
#undef REKEY_SIMD_DERIVE_INL_H_
#else
#define REKEY_SIMD_DERIVE_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "profile/variants.h"
#include "rekey/batch.h"
#include "simd/batch_range.h"
#include "simd/demand.h"
#include "simd/hierarchy-inl.h"
#include "simd/recipes.h"
#include "simd/teks-inl.h"
#include "simd/wiped.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

template <Variant V>
inline constexpr Demands kDemands{kLayout<V>};

template <Variant V>
inline constexpr Recipe kTekKinRecipe = kin_recipe(kLayout<V>, kLayout<V>.tek_step);

/// DeriveScratch is all the working memory of one call.
struct DeriveScratch {
  AmsScratch ams;
  Group tek_kins[kTileGroups];
  TekScratch tek;
};

// The width of a SAID matters to TEKs alone, the other options to the AMSs' own keys alone: code is
// shared between variants that differ in nothing that matters to it.
constexpr Variant ams_variant(Variant v) {
  v.said_octets = 1;
  return v;
}
constexpr Variant tek_variant(Variant v) {
  v.nonce_first = false;
  v.msid_privacy_off = false;
  return v;
}

template <Variant V>
void derive_variant(const CheckedBatch& batch, const BatchRange& range, const BatchResult& result) {
  Wiped<DeriveScratch> wiped;
  DeriveScratch& scratch = wiped.value;
  const Demand demand = kDemands<V>.of(batch.outputs());
  const std::size_t end = range.first_item + range.items;
  Tile tile{.first_item = range.first_item, .first_sa = range.first_sa};
  for (; tile.first_item < end; tile.first_item += kTileItems) {
    tile.items = std::min(kTileItems, end - tile.first_item);
    tile.first_sa += tile.sas;
    tile.sas = 0;
    for (std::size_t done = 0; done < tile.items; done += kAbreast) {
      derive_group<ams_variant(V)>(batch, demand, tile.first_item + done, &scratch.ams, result);
      if constexpr (kLayout<V>.has_teks) {
        scratch.tek_kins[done / kAbreast] = assemble<kTekKinRecipe<V>>(scratch.ams.slots);
      }
    }
    if constexpr (kLayout<V>.has_teks) {
      if (!batch.outputs().contains(KeyKind::kTek)) continue;
      for (std::size_t i = 0; i < tile.items; ++i) tile.sas += batch.sa_count(tile.first_item + i);
      derive_teks<tek_variant(V)>(batch, tile, scratch.tek_kins, &scratch.tek, result.teks);
    }
  }
}

/// Derives a range of a batch. Returns the target this code is compiled for.
inline std::int64_t derive(const CheckedBatch& batch, const BatchRange& range,
                           const BatchResult& result) {
  profile::with_variant(batch.profile(), batch.options(),
                        [&]<Variant V>() HWY_ATTR { derive_variant<V>(batch, range, result); });
  return HWY_TARGET;
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_DERIVE_INL_H_
