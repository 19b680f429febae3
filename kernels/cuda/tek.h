// SPDX-License-Identifier: Apache-2.0
//
// The TEKs of security associations, eight associations abreast in one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cuda/host_device.h"
#include "cuda/lanes.h"
#include "cuda/octet_words.h"
#include "cuda/step.h"
#include "profile/variants.h"

namespace rekey::cuda {

/// SaidColumn is the SAIDs of a launch, aligned to the width of a SAID: all of them one after the
/// other, or with `rows` those of an item one after the other in its row.
struct SaidColumn {
  const std::uint8_t* data = nullptr;
  const std::uint32_t* rows = nullptr;  ///< an item: its row
  std::uint32_t row_octets = 0;
};

/// SaidPlace is a security association: its number among all of the launch, the item it belongs to,
/// and its number among those of the item.
struct SaidPlace {
  std::uint32_t sa = 0;
  std::uint32_t item = 0;
  std::uint32_t sa_of_item = 0;
};

/// TekRequest is which TEKs are derived for the security associations of a launch.
struct TekRequest {
  SaidColumn saids;
  std::uint8_t* teks = nullptr;                  ///< SA, then counter
  std::uint16_t counters[kMaxTekCounters] = {};  ///< COUNTER_TEK values
  std::uint32_t counter_count = 0;

  /// set_counters takes CheckedBatch::tek_counters().
  void set_counters(std::span<const std::uint16_t> values) {
    std::copy(values.begin(), values.end(), counters);
    counter_count = static_cast<std::uint32_t>(values.size());
  }
};

/// TekColumns are the inputs and results of one launch over `count` security associations.
struct TekColumns : TekRequest {
  const std::uint8_t* tek_kin = nullptr;     ///< 16 octets an item, from derive_ams()
  const std::uint32_t* first_sas = nullptr;  ///< an item: SAs of all items before it
  std::uint32_t items = 0;
  std::uint32_t count = 0;
};

/// TekStep is the TEK step for a width of SAIDs, which is all it depends on.
template <std::uint8_t SaidOctets>
struct TekStep {
  static constexpr profile::StepLayout kLayout =
      profile::kLayout<profile::Variant{Profile::k16mDraft, false, SaidOctets, false}>.tek_step;
  static_assert(kLayout.evaluations == 1 && kLayout.cuts[0].offset == 0);
};

namespace internal {

constexpr bool same_block(const profile::Block& left, const profile::Block& right) {
  if (left.field_count != right.field_count) return false;
  for (std::size_t i = 0; i < left.field_count; ++i) {
    const profile::Field& a = left.fields[i];
    const profile::Field& b = right.fields[i];
    if (a.value != b.value || a.value_offset != b.value_offset ||
        a.block_offset != b.block_offset || a.octets != b.octets) {
      return false;
    }
  }
  for (std::size_t i = 0; i < kBlockOctets; ++i) {
    if (left.constant[i] != right.constant[i]) return false;
  }
  return true;
}

/// Whether two layouts derive the same from the same 16 octets of key.
constexpr bool same_message(const profile::StepLayout& left, const profile::StepLayout& right) {
  if (left.function != right.function || left.block_count != right.block_count ||
      left.last_block_complete != right.last_block_complete ||
      left.evaluations != right.evaluations || left.cuts[0].offset != right.cuts[0].offset) {
    return false;
  }
  for (std::size_t i = 0; i < left.block_count; ++i) {
    if (!same_block(left.blocks[i], right.blocks[i])) return false;
  }
  return true;
}

template <std::uint8_t SaidOctets>
constexpr bool tek_step_depends_on_saids_alone() {
  using profile::kLayout;
  using profile::Variant;
  const profile::StepLayout step = TekStep<SaidOctets>::kLayout;
  return same_message(step,
                      kLayout<Variant{Profile::k16mDraft, true, SaidOctets, false}>.tek_step) &&
         same_message(
             step, kLayout<Variant{Profile::k16mPublished, false, SaidOctets, false}>.tek_step) &&
         same_message(step,
                      kLayout<Variant{Profile::k16mPublished, false, SaidOctets, true}>.tek_step);
}
static_assert(tek_step_depends_on_saids_alone<1>() && tek_step_depends_on_saids_alone<2>());

}  // namespace internal

/// owner_of returns the item that security association `sa` belongs to: the last one whose first SA
/// is not after it. `first_sas` has `items` values in ascending order, the first of them 0.
REKEY_HOST_DEVICE inline std::uint32_t owner_of(std::uint32_t sa, const std::uint32_t* first_sas,
                                                std::uint32_t items) {
  std::uint32_t begin = 0;
  std::uint32_t end = items;
  while (end - begin > 1) {
    const std::uint32_t middle = begin + (end - begin) / 2;
    if (first_sas[middle] <= sa) {
      begin = middle;
    } else {
      end = middle;
    }
  }
  return begin;
}

/// load_said reads the SAID of a lane's security association.
template <std::uint8_t SaidOctets>
REKEY_HOST_DEVICE void load_said(const SaidColumn& column, const SaidPlace& place, Values& values) {
  std::size_t octet = std::size_t{place.sa} * SaidOctets;
  if (column.rows != nullptr) {
    octet = std::size_t{column.rows[place.item]} * column.row_octets +
            std::size_t{place.sa_of_item} * SaidOctets;
  }
  load_octets<SaidOctets>(column.data + octet, values.of<Value::kSaid>());
}

/// load_saids reads the SAID of one security association a lane, which `place_of(lane)` names.
template <std::uint8_t SaidOctets, typename PlaceOf>
REKEY_HOST_DEVICE void load_saids(const SaidColumn& column, PlaceOf place_of, DeriveState& state) {
  REKEY_NO_UNROLL
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    load_said<SaidOctets>(column, place_of(lane), state.values[lane]);
  }
}

/// derive_teks_of derives the TEKs of one security association a lane, whose SAIDs were loaded,
/// under the keys that `state` was last keyed with. `sa_of(lane)` is the place of a lane's
/// association in the results.
template <std::uint8_t SaidOctets, typename SaOf>
REKEY_HOST_DEVICE void derive_teks_of(DeriveState& state, const Lanes& lanes,
                                      const TekRequest& request, SaOf sa_of) {
  REKEY_NO_UNROLL
  for (std::uint32_t i = 0; i < request.counter_count; ++i) {
    const std::uint32_t counter = big_endian_16(request.counters[i]);
    REKEY_UNROLL
    for (Values& values : state.values) values.of<Value::kCounterTek>()[0] = counter;
    evaluate<TekStep<SaidOctets>>(state, 0);
    unslice(state.cmac.chain, &state.cmac.blocks);
    REKEY_NO_UNROLL
    for (std::size_t lane = 0; lane < kAbreast; ++lane) {
      if (!lanes.has(lane)) continue;
      const std::size_t tek = std::size_t{sa_of(lane)} * request.counter_count + i;
      store_block(state.cmac.blocks.lanes[lane], request.teks + tek * kTekOctets);
    }
  }
}

/// derive_teks derives the TEKs of one thread.
template <std::uint8_t SaidOctets>
REKEY_HOST_DEVICE void derive_teks(const TekColumns& columns, const Lanes& lanes) {
  DeriveState state;
  REKEY_NO_UNROLL
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    const std::uint32_t sa = lanes[lane];
    const std::uint32_t item = owner_of(sa, columns.first_sas, columns.items);
    state.cmac.blocks.lanes[lane] = load_block(columns.tek_kin + std::size_t{item} * kBlockOctets);
    load_said<SaidOctets>(columns.saids, {sa, item, sa - columns.first_sas[item]},
                          state.values[lane]);
  }
  restart(state.cmac);
  slice_onto(state.cmac.blocks, &state.cmac.chain);
  key_with(state.cmac.chain, TekStep<SaidOctets>::kLayout.last_block_complete, &state.cmac);
  derive_teks_of<SaidOctets>(state, lanes, columns,
                             [&lanes](std::size_t lane) { return lanes[lane]; });
}

}  // namespace rekey::cuda
