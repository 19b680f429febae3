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

#include <hwy/cache_control.h>
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
#include "simd/stage-inl.h"
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

/// The keys that the steps of the AMSs yield.
template <Variant V>
inline constexpr KeySet kExports = [] {
  KeySet exports;
  for (std::size_t p = 0; p < kPhases<V>.count; ++p) {
    for (KeyKind kind : kAllKeyKinds) {
      if (exports_of(kLayout<V>, kPhases<V>.items[p]).contains(kind)) exports.insert(kind);
    }
  }
  return exports;
}();

/// Whether anything that phase P yields is needed.
template <Variant V, std::size_t P>
bool demanded_of(const Demand& demand, KeySet outputs) {
  constexpr Demand kSlotsOf = slots_of(kLayout<V>, kPhase<V, P>, kFullDemand<V>);
  return demand.contains_any(kSlotsOf) ||
         (kPhase<V, P>.derives_teks && outputs.contains(KeyKind::kTek));
}

/// EarlyKeys is the key schedules of the first phase of a pair, written while the pair before is in
/// another.
struct EarlyKeys {
  RoundKeys of_first;
  RoundKeys of_second;
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
        first_(batch, result, &stages_[0]),
        second_(batch, result, &stages_[1]) {
    for_constants<kPhases<V>.count>(
        [&](auto p) HWY_ATTR { demanded_[p] = demanded_of<V, p>(demand_, batch.outputs()); });
    whole_ = kHasCodePerStage && kExports<V>.without(batch.outputs()).empty();
    if constexpr (kLayout<V>.has_teks) {
      const auto counters = batch.tek_counters();
      has_usual_teks_ =
          whole_ && teks_ && counters.size() == kUsualTeks && batch.options().said_octets == 1;
      if (has_usual_teks_) {
        for (std::size_t c = 0; c < kUsualTeks; ++c) {
          counters_.blocks[c] = counter_block<kNarrow>(counters[c]);
        }
      }
    }
  }
  RangeDeriver(const RangeDeriver&) = delete;
  RangeDeriver& operator=(const RangeDeriver&) = delete;
  HWY_ATTR ~RangeDeriver() {
    wipe_object(&first_);
    if (has_used_second_) wipe_object(&second_);
    if (has_paired_) wipe_object(&early_keys_);
    if (has_used_stages_) wipe_object(&stages_);
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
        prefetch_pair(first + kPrefetchDistance, first_sa + kPrefetchDistance);
      }
      const bool both = first + kAbreast < end;
      has_used_second_ |= both;
      if (kInterleaves && whole_ && both) {
        // Not if what follows is so near the end that it needs copies of its inputs.
        pair_follows_ =
            first + 4 * kAbreast <= end && first + 4 * kAbreast + kBlockOctets <= batch_->count();
        run_pair(first, end, &first_sa, std::make_index_sequence<kStageCount>());
      } else {
        run_one(first, end, &first_sa);
        if (both) run_one(first + kAbreast, end, &first_sa);
      }
    }
    first_.outputs.finish();
    second_.outputs.finish();
    // What was stored past the caches is there before anything that follows.
    if (kCanStream) hwy::FlushStream();
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
  static constexpr std::size_t kPrefetchDistance = 32 * kAbreast;
  static constexpr std::size_t kUsualTekOctets = kUsualTeks * kTekOctets;  ///< of an AMS
  /// The columns of fewer AMSs are found in a second-level cache, or soon are.
  static constexpr std::size_t kMinPrefetchAms = 16'384;

  static constexpr std::size_t kStageCount = kStages<V>.count;
  /// The stages beside which the first key schedule of the AMSs that follow is written: of the
  /// second group, for those of the first, and the other way round. Far from each other, that is
  /// faster: a key schedule is many stores.
  static constexpr std::size_t kEarlyOfFirst = first_with_room(kStages<V>, 1);
  static constexpr std::size_t kEarlyOfSecond = last_with_room(kStages<V>, 0);
  static_assert(kEarlyOfFirst < kStageCount && kEarlyOfSecond > 0);
  /// The phase that TEKs are derived in.
  static constexpr std::size_t kTekPhase = [] {
    std::size_t p = 0;
    while (p + 1 < kPhases<V>.count && !kPhases<V>.items[p].derives_teks) ++p;
    return p;
  }();

  /// Asks for the memory of AMSs `first` and on, a pair of groups, which are to follow soon. Their
  /// associations are `first_sa` and on if all AMSs until then have as many as the usual one.
  HWY_NOINLINE void prefetch_pair(std::size_t first, std::size_t first_sa) const {
    GroupInputs::prefetch(*batch_, first);
    first_.outputs.prefetch(first);
    if (!teks_ || first_.usual_teks.streams) return;
    prefetch_octets<PrefetchFor::kWriting, 2 * kAbreast * kUsualTekOctets>(
        result_->teks.data() + std::min(first_sa * kUsualTekOctets, result_->teks.size()));
  }

  /// Says of the group whose inputs are those of AMSs `first` and on where its keys go.
  HWY_INLINE void place(AmsGroup* group, std::size_t first, std::size_t end,
                        std::size_t* first_sa) {
    group->place = {first, std::min(kAbreast, end - first), *first_sa};
    group->outputs.finish();
    group->outputs.point_to(first, group->place.live);
    has_used_stages_ |= group->outputs.uses_stage();
    if constexpr (kLayout<V>.msid_star_is_msid) copy_msid(*group);
    if constexpr (kLayout<V>.has_teks) {
      if (teks_) point_teks(group, first_sa);
    }
  }

  HWY_INLINE void point_teks(AmsGroup* group, std::size_t* first_sa) {
    GroupPlace& place = group->place;
    if (place.live == kAbreast) place.equal_sa_count = equal_sa_count(*batch_, place.first);
    place.has_usual_teks = has_usual_teks_ && place.equal_sa_count == 1;
    *first_sa += place.equal_sa_count >= 0
                     ? kAbreast * static_cast<std::size_t>(place.equal_sa_count)
                     : batch_->sa_count(place.first, place.live);
    UsualTeks& teks = group->usual_teks;
    teks.said_rows = teks.padded_saids.octets;
    if (!place.has_usual_teks) return;
    const std::uint8_t* saids = batch_->saids().data() + place.first_sa;
    if (batch_->saids().size() - place.first_sa < sizeof(teks.padded_saids)) {
      teks.padded_saids.copy(saids, kAbreast);
    } else {
      teks.said_rows = saids;
    }
    teks.rows = result_->teks.data() + place.first_sa * kUsualTekOctets;
    teks.streams = group->outputs.streams() && is_line_aligned(teks.rows);
  }

  static void copy_msid(const AmsGroup& group) {
    if (!group.outputs.wants(KeyKind::kMsidStar)) return;
    std::memcpy(group.outputs.rows(KeyKind::kMsidStar), group.inputs.rows(kMsidSlot),
                kAbreast * kMsidStarOctets);
  }

  /// Derives the AMSs of one group by itself.
  void run_one(std::size_t first, std::size_t end, std::size_t* first_sa) {
    AmsGroup* const group = &first_;
    group->inputs.point_to(*batch_, first);
    place(group, first, end, first_sa);
    if (whole_) {
      if constexpr (kHasCodePerStage) {
        for_constants<kStageCount>([&](auto s) REKEY_SIMD_LAMBDA { run_stage_of<s>(group); });
      }
    } else {
      for_constants<kPhases<V>.count>([&](auto p)
                                          REKEY_SIMD_LAMBDA { run_demanded_phase<p>(group); });
    }
  }

  template <std::size_t S>
  HWY_NOINLINE void run_stage_of(AmsGroup* group) {
    if constexpr (kStages<V>.items[S].has_teks) {
      if (!group->place.has_usual_teks) {
        if constexpr (kStages<V>.items[S].has_wave) {
          run_stage_alone<V, kNarrow, kLastWithoutTeks<V>>(counters_, group);
        }
        derive_teks_of(group);
        return;
      }
    }
    if constexpr (kStages<V>.items[S].begins_phase()) {
      write_schedule<kStages<V>.items[S].phase>(group);
    }
    run_stage_alone<V, kNarrow, S>(counters_, group);
  }

  template <std::size_t P>
  static HWY_NOINLINE void write_schedule(AmsGroup* group) {
    expand_keys([&](std::size_t v) REKEY_SIMD_LAMBDA { return kin_of<V, P>(*group, v); },
                group->keys_of(P));
  }

  template <std::size_t After, std::size_t Before, bool IsEarly = false>
  HWY_INLINE auto beside(AmsGroup* group) {
    return Beside<V, kNarrow, After, Before, IsEarly>(counters_, group);
  }
  template <std::size_t After, std::size_t Before>
  HWY_NOINLINE void run_alone(AmsGroup* group) {
    beside<After, Before>(group).run();
  }

  /// Derives two groups, stage by stage by turns: what lies between two stages of the one is done
  /// beside the AES of the other. Where a pair follows, it begins beside the end of this one.
  template <std::size_t... S>
  HWY_INLINE void run_pair(std::size_t first, std::size_t end, std::size_t* first_sa,
                           std::index_sequence<S...>) {
    if constexpr (kInterleaves) {
      begin_pair(first, end, first_sa);
      if (pair_follows_) {
        first_.inputs.announce(first + 2 * kAbreast);
        second_.inputs.announce(first + 3 * kAbreast);
      }
      (run_stage_of_both<S + 1>(), ...);
      end_pair(first);
    }
  }

  HWY_INLINE void begin_pair(std::size_t first, std::size_t end, std::size_t* first_sa) {
    if (!has_begun_) {
      has_paired_ = true;
      first_.first_round_keys = &early_keys_.of_first;
      second_.first_round_keys = &early_keys_.of_second;
      first_.inputs.point_to(*batch_, first);
      write_schedule<0>(&first_);
      run_alone<kNoStage, 0>(&first_);
    }
    place(&first_, first, end, first_sa);
    if (has_begun_) {
      second_.inputs.point_to_announced();
      run_stage<V, 0>(&first_, beside<kStageCount - 1, 0>(&second_));
    } else {
      second_.inputs.point_to(*batch_, first + kAbreast);
      write_schedule<0>(&second_);
      run_stage<V, 0>(&first_, beside<kNoStage, 0>(&second_));
    }
    place(&second_, first + kAbreast, end, first_sa);
    run_stage<V, 0>(&second_, beside<0, 1>(&first_));
  }

  /// Runs stage S, neither the first nor the last, of both groups.
  template <std::size_t S>
  HWY_INLINE void run_stage_of_both() {
    if constexpr (S + 1 < kStageCount) {
      if constexpr (kStages<V>.items[S].has_teks) {
        if (!have_usual_teks()) {
          derive_teks_of_both<S>();
          run_alone<kNoStage, S + 1>(&first_);
          return;
        }
      }
      run_stage_beside<S, S - 1, S, S == kEarlyOfSecond>(&first_, &second_);
      run_stage_beside<S, S, S + 1, S == kEarlyOfFirst>(&second_, &first_);
    }
  }

  /// Runs stage S of a group beside what `other` has to do and, where `MayBeEarly`, beside the
  /// first key schedule of the AMSs that follow.
  template <std::size_t S, std::size_t After, std::size_t Before, bool MayBeEarly>
  HWY_INLINE void run_stage_beside(AmsGroup* group, AmsGroup* other) {
    if constexpr (MayBeEarly) {
      if (pair_follows_) {
        run_stage<V, S>(group, beside<After, Before, true>(other));
        return;
      }
    }
    run_stage<V, S>(group, beside<After, Before>(other));
  }

  HWY_INLINE void end_pair(std::size_t first) {
    constexpr std::size_t kLast = kStageCount - 1;
    has_begun_ = false;
    if (kStages<V>.items[kLast].has_teks && !have_usual_teks()) {
      derive_teks_of_both<kLast>();
    } else {
      run_stage_beside<kLast, kLast - 1, kLast, kLast == kEarlyOfSecond>(&first_, &second_);
      if (pair_follows_) {
        first_.inputs.point_to_announced();
        run_stage<V, kLast>(&second_, beside<kLast, 0>(&first_));
        has_begun_ = true;
        return;
      }
      run_stage<V, kLast>(&second_, beside<kLast, kNoStage>(&first_));
      run_alone<kLast, kNoStage>(&second_);
    }
  }

  /// Takes the place of stage S where the TEKs of a pair are not the usual ones.
  template <std::size_t S>
  HWY_INLINE void derive_teks_of_both() {
    if constexpr (kStages<V>.items[S].has_wave && kStages<V>.items[S].has_teks) {
      constexpr std::size_t kWave = kLastWithoutTeks<V>;
      run_stage<V, kWave>(&first_, beside<S - 1, kWave>(&second_));
      run_stage<V, kWave>(&second_, beside<kWave, kNoStage>(&first_));
      run_alone<kWave, kNoStage>(&second_);
    } else {
      run_alone<S - 1, kNoStage>(&second_);
    }
    derive_teks_of(&first_);
    derive_teks_of(&second_);
  }

  [[nodiscard]] HWY_INLINE bool have_usual_teks() const {
    return first_.place.has_usual_teks && second_.place.has_usual_teks;
  }

  template <std::size_t P>
  HWY_NOINLINE void run_demanded_phase(AmsGroup* group) {
    if (!demanded_[P]) return;
    write_schedule<P>(group);
    for_constants<kPhase<V, P>.waves>([&](auto w) REKEY_SIMD_LAMBDA {
      run_demanded<V, P, w>(demand_, group, std::make_index_sequence<kWave<V, P, w>.count>());
    });
    export_phase<V, P>(*group, std::make_index_sequence<kPhase<V, P>.step_count>());
    if constexpr (kPhase<V, P>.derives_teks) derive_teks_of(group);
  }

  /// Derives the TEKs of a group in any number.
  void derive_teks_of(AmsGroup* group) {
    if constexpr (kLayout<V>.has_teks) {
      if (!teks_) return;
      has_used_teks_ = true;
      if (batch_->options().said_octets == 1) {
        derive_teks_of_width<kNarrow>(group);
      } else {
        derive_teks_of_width<kWide>(group);
      }
    }
  }

  template <Variant Tek>
  HWY_NOINLINE void derive_teks_of_width(AmsGroup* group) {
    const GroupPlace& place = group->place;
    if (place.equal_sa_count >= 0) {
      derive_group_teks<Tek>(*batch_, *group, *group->keys_of(kTekPhase), place.first_sa,
                             static_cast<std::size_t>(place.equal_sa_count), &messages_,
                             result_->teks);
      return;
    }
    static_assert(kTekKinRecipe<V>.is_slot());
    const Group& kin = group->result(kTekKinRecipe<V>.shuffles[0].slot);
    std::size_t first_sa = place.first_sa;
    for (std::size_t lane = 0; lane < place.live; ++lane) {
      const std::size_t count = batch_->sa_count(place.first + lane);
      queue_.template append<Tek>(*batch_, kin, tek_subkey<Tek>(*group), lane, first_sa, count,
                                  result_->teks);
      first_sa += count;
    }
  }

  const CheckedBatch* batch_;
  const BatchResult* result_;
  Demand demand_;
  bool teks_;
  bool demanded_[kPhases<V>.count];
  bool whole_;  ///< every key of the AMSs is asked for
  bool has_usual_teks_ = false;
  bool has_used_second_;
  bool has_used_teks_ = false;  ///< messages_ and queue_
  bool pair_follows_ = false;
  bool has_paired_ = false;  ///< early_keys_ has been used
  bool has_begun_ = false;   ///< the first stage of the first group has been prepared
  bool has_used_stages_ = false;
  OutputStage stages_[2];
  AmsGroup first_;
  AmsGroup second_;
  EarlyKeys early_keys_;
  UsualTekBlocks counters_;
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
