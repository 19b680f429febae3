// SPDX-License-Identifier: Apache-2.0
//
// Derives a range of a batch, two groups of AMSs at a time: while the blocks of one group go
// through AES, the next key schedule of the other is worked out.
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
#include <cstring>
#include <utility>

#include "profile/variants.h"
#include "rekey/batch.h"
#include "simd/ams-inl.h"
#include "simd/batch_range.h"
#include "simd/demand.h"
#include "simd/inputs-inl.h"
#include "simd/outputs-inl.h"
#include "simd/recipes.h"
#include "simd/teks-inl.h"
#include "simd/wipe-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

template <Variant V>
inline constexpr Demands kDemands{kLayout<V>};
template <Variant V>
inline constexpr Recipe kTekKinRecipe = kin_recipe(kLayout<V>, kLayout<V>.tek_step);

// The width of a SAID matters to TEKs alone, the other options to the AMSs' own keys alone: code is
// shared between variants that differ in nothing that matters to it.
constexpr Variant ams_variant(Variant v) {
  v.said_octets = 1;
  return v;
}
constexpr Variant tek_variant(Variant v, std::uint8_t said_octets) {
  return {v.profile, false, said_octets, false};
}

/// GroupPlace is where a group of AMSs lies in the batch.
struct GroupPlace {
  std::size_t first = 0;
  std::size_t live = 0;  ///< lanes that are AMSs
  std::size_t first_sa = 0;
};

/// RangeDeriver is all the working memory of one call. It wipes what it has used of that.
template <Variant V>  // an ams_variant()
class RangeDeriver {
 public:
  RangeDeriver(const CheckedBatch& batch, const BatchResult& result)
      : batch_(&batch),
        result_(&result),
        demand_(kDemands<V>.of(batch.outputs())),
        teks_(batch.outputs().contains(KeyKind::kTek)),
        has_used_second_(batch.pmk().shared),  // its inputs hold a copy
        groups_{{batch, result}, {batch, result}} {
    set_extents(std::make_index_sequence<kPhases<V>.count>());
  }
  RangeDeriver(const RangeDeriver&) = delete;
  RangeDeriver& operator=(const RangeDeriver&) = delete;
  HWY_ATTR ~RangeDeriver() {
    wipe_object(&groups_[0]);
    if (has_used_second_) wipe_object(&groups_[1]);
    if (!has_used_teks_) return;
    wipe_object(&messages_);
    wipe_object(&queue_);
  }

  void derive(const BatchRange& range) {
    const std::size_t end = range.first_item + range.items;
    std::size_t first_sa = range.first_sa;
    const bool is_large = batch_->count() >= kMinPrefetchAms;
    for (std::size_t first = range.first_item; first < end; first += 2 * kAbreast) {
      if (is_large && first + kPrefetchDistance + 2 * kAbreast <= end) {
        GroupInputs::prefetch(*batch_, first + kPrefetchDistance);
        groups_[0].outputs.prefetch(first + kPrefetchDistance);
        if (teks_) {
          // Where they will be if all AMSs have as many as the usual one.
          const std::size_t ahead = (first_sa + kPrefetchDistance) * kUsualTekOctets;
          prefetch_octets<PrefetchFor::kWriting, 2 * kAbreast * kUsualTekOctets>(
              result_->teks.data() + std::min(ahead, result_->teks.size()));
        }
      }
      first_sa = place(0, first, end, first_sa);
      const bool both = first + kAbreast < end;
      if (both) first_sa = place(1, first + kAbreast, end, first_sa);
      has_used_second_ |= both;
      run(both, std::make_index_sequence<kPhases<V>.count>());
      groups_[0].outputs.finish();
      if (both) groups_[1].outputs.finish();
    }
    if constexpr (kLayout<V>.has_teks) {
      if (batch_->options().said_octets == 1) {
        queue_.template flush<kNarrow>(*batch_, result_->teks);
      } else {
        queue_.template flush<kWide>(*batch_, result_->teks);
      }
    }
  }

 private:
  static constexpr Variant kNarrow = tek_variant(V, 1);
  static constexpr Variant kWide = tek_variant(V, 2);
  /// AMSs between those that are derived and those whose memory is asked for.
  static constexpr std::size_t kPrefetchDistance = 4 * kAbreast;
  static constexpr std::size_t kUsualTekOctets = 2 * kTekOctets;  ///< of an AMS
  /// The columns of fewer AMSs are found in a second-level cache, or soon are.
  static constexpr std::size_t kMinPrefetchAms = 16'384;
  static constexpr std::size_t kPhaseCount = kPhases<V>.count;

  template <std::size_t... P>
  void set_extents(std::index_sequence<P...>) {
    ((extents_[P] = extent_of<V, P>(demand_, batch_->outputs())), ...);
  }

  /// Puts group `g` in its place. Returns the first security association after it.
  HWY_INLINE std::size_t place(std::size_t g, std::size_t first, std::size_t end,
                               std::size_t first_sa) {
    GroupPlace& place = places_[g];
    place = {first, std::min(kAbreast, end - first), first_sa};
    groups_[g].inputs.point_to(*batch_, first);
    groups_[g].outputs.point_to(first, place.live);
    return teks_ ? first_sa + batch_->sa_count(first, place.live) : first_sa;
  }

  template <std::size_t... P>
  HWY_INLINE void run(bool both, std::index_sequence<P...>) {
    if constexpr (kLayout<V>.msid_star_is_msid) {
      copy_msid(groups_[0]);
      if (both) copy_msid(groups_[1]);
    }
    first_is_keyed_ = false;
    (run_phase<P>(both), ...);
  }

  static void copy_msid(const AmsGroup& group) {
    if (!group.outputs.wants(KeyKind::kMsidStar)) return;
    std::memcpy(group.outputs.rows(KeyKind::kMsidStar), group.inputs.rows(kMsidSlot),
                kAbreast * kMsidStarOctets);
  }

  /// Runs phase P of both groups, or of the first alone. While one waits for its blocks the other
  /// has work.
  template <std::size_t P>
  HWY_NOINLINE void run_phase(bool both) {
    if (extents_[P] == Extent::kNothing) return;
    if (!first_is_keyed_) schedule_of<V, P>(&groups_[0]).write();
    first_is_keyed_ = false;
    if (both) {
      run_waves_of_both<P>(std::make_index_sequence<kPhase<V, P>.waves>());
    } else {
      run_waves_of_first<P>(std::make_index_sequence<kPhase<V, P>.waves>());
    }
    end_phase<P>(0);
    if (both) end_phase<P>(1);
  }

  template <std::size_t P, std::size_t... W>
  HWY_INLINE void run_waves_of_first(std::index_sequence<W...>) {
    (run_wave_of<P, W, P>(0, nullptr), ...);
  }

  template <std::size_t P, std::size_t... W>
  HWY_INLINE void run_waves_of_both(std::index_sequence<W...>) {
    (run_wave_of_both<P, W>(), ...);
  }

  /// The first wave of the first group goes with the key schedule of the second, the last wave of
  /// the second group with the next key schedule of the first.
  template <std::size_t P, std::size_t W>
  HWY_INLINE void run_wave_of_both() {
    // TEKs still need the key schedule after the last wave.
    constexpr bool kNextFollows =
        W + 1 == kPhase<V, P>.waves && !kPhase<V, P>.derives_teks && P + 1 < kPhaseCount;
    constexpr std::size_t kNext = kNextFollows ? P + 1 : P;
    run_wave_of<P, W, P>(0, W == 0 ? &groups_[1] : nullptr);
    first_is_keyed_ = kNextFollows && extents_[kNext] != Extent::kNothing;
    run_wave_of<P, W, kNext>(1, first_is_keyed_ ? &groups_[0] : nullptr);
  }

  /// Runs wave W of phase P of a group, and writes the schedule of phase Scheduled of `other`,
  /// which may be null.
  template <std::size_t P, std::size_t W, std::size_t Scheduled>
  HWY_NOINLINE void run_wave_of(std::size_t g, AmsGroup* other) {
    run_wave<V, P, W>(demand_, extents_[P], &groups_[g], schedule_of<V, Scheduled>(other));
  }

  template <std::size_t P>
  HWY_INLINE void end_phase(std::size_t g) {
    if (extents_[P] == Extent::kPart) {
      export_phase<V, P>(groups_[g], std::make_index_sequence<kPhase<V, P>.step_count>());
    }
    if constexpr (kPhase<V, P>.derives_teks) {
      if (teks_ && batch_->options().said_octets == 1) derive_teks_of<kNarrow>(g);
      if (teks_ && batch_->options().said_octets == 2) derive_teks_of<kWide>(g);
    }
  }

  template <Variant Tek>
  HWY_INLINE void derive_teks_of(std::size_t g) {
    const GroupPlace& place = places_[g];
    const std::ptrdiff_t equal = place.live == kAbreast ? equal_sa_count(*batch_, place.first) : -1;
    const std::size_t counters = batch_->tek_counters().size();
    if (kHasCodePerWave && equal == 1 && counters == 2) {
      derive_two_teks<Tek>(*batch_, groups_[g], place.first_sa,
                           result_->teks.data() + place.first_sa * counters * kTekOctets);
      return;
    }
    has_used_teks_ = true;
    if (equal >= 0) {
      derive_group_teks<Tek>(*batch_, groups_[g], place.first_sa, static_cast<std::size_t>(equal),
                             &messages_, result_->teks);
      return;
    }
    static_assert(kTekKinRecipe<V>.is_slot());
    const Group& kin = groups_[g].result(kTekKinRecipe<V>.shuffles[0].slot);
    std::size_t first_sa = place.first_sa;
    for (std::size_t lane = 0; lane < place.live; ++lane) {
      const std::size_t count = batch_->sa_count(place.first + lane);
      queue_.template append<Tek>(*batch_, kin, tek_subkey<Tek>(groups_[g]), lane, first_sa, count,
                                  result_->teks);
      first_sa += count;
    }
  }

  const CheckedBatch* batch_;
  const BatchResult* result_;
  Demand demand_;
  bool teks_;
  Extent extents_[kPhaseCount];
  bool first_is_keyed_ = false;  ///< the next key schedule of the first group has been written
  bool has_used_second_;
  bool has_used_teks_ = false;  ///< messages_ and queue_
  GroupPlace places_[2];
  AmsGroup groups_[2];
  TekMessages messages_;
  TekQueue queue_;
};

template <Variant V>
HWY_NOINLINE void derive_variant(const CheckedBatch& batch, const BatchRange& range,
                                 const BatchResult& result) {
  RangeDeriver<V>(batch, result).derive(range);
  wipe_dead_stack();
}

/// Derives a range of a batch. Returns the target this code is compiled for.
inline std::int64_t derive(const CheckedBatch& batch, const BatchRange& range,
                           const BatchResult& result) {
  profile::with_variant(batch.profile(), batch.options(), [&]<Variant V>() HWY_ATTR {
    derive_variant<ams_variant(V)>(batch, range, result);
  });
  return HWY_TARGET;
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_DERIVE_INL_H_
