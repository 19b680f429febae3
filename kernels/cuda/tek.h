// SPDX-License-Identifier: Apache-2.0
//
// The work of one thread for one security association: its TEKs for all counters.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/host_device.h"
#include "cuda/octet_words.h"
#include "cuda/step.h"
#include "profile/variants.h"

namespace rekey::cuda {

/// TekColumns are the inputs and results of one launch over `count` security associations, of which
/// the first is number `first` among all those of the items.
struct TekColumns {
  const std::uint8_t* tek_kin = nullptr;     ///< 16 octets an item, from derive_ams()
  const std::uint32_t* first_sas = nullptr;  ///< an item: SAs of all items before it
  std::uint32_t items = 0;
  const std::uint8_t* saids = nullptr;  ///< of this launch's SAs
  std::uint8_t* teks = nullptr;         ///< of this launch's SAs: SA, then counter
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint16_t counters[kMaxTekCounters] = {};  ///< COUNTER_TEK values
  std::uint32_t counter_count = 0;
};

/// TekStep is the TEK step for a width of SAIDs, which is all it depends on.
template <std::uint8_t SaidOctets>
struct TekStep {
  static constexpr profile::StepLayout kLayout =
      profile::kLayout<profile::Variant{Profile::k16mDraft, false, SaidOctets, false}>.tek_step;
};

namespace internal {

/// Whether two layouts derive the same from the same 16 octets of key.
constexpr bool same_message(const profile::StepLayout& left, const profile::StepLayout& right) {
  if (left.function != right.function || left.block_count != right.block_count ||
      left.last_block_complete != right.last_block_complete ||
      left.evaluations != right.evaluations || left.cuts[0].offset != right.cuts[0].offset) {
    return false;
  }
  for (std::size_t i = 0; i < left.block_count * kBlockOctets; ++i) {
    const OctetSource a = octet_source(left.blocks[i / kBlockOctets], i % kBlockOctets);
    const OctetSource b = octet_source(right.blocks[i / kBlockOctets], i % kBlockOctets);
    if (a.value != b.value || a.value_octet != b.value_octet || a.constant != b.constant) {
      return false;
    }
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

/// derive_teks derives the TEKs of security association `index` of the launch, two counters
/// abreast.
template <std::uint8_t SaidOctets>
REKEY_HOST_DEVICE void derive_teks(const TekColumns& columns, std::uint32_t index) {
  using Step = TekStep<SaidOctets>;
  static_assert(Step::kLayout.evaluations == 1);
  const std::uint32_t item = owner_of(columns.first + index, columns.first_sas, columns.items);
  KeySchedule schedule;
  expand_key(load_block(columns.tek_kin + std::size_t{item} * kBlockOctets), &schedule);
  const Subkeys subkeys = cmac_subkeys(schedule);

  Values first;
  load_octets<SaidOctets>(columns.saids + std::size_t{index} * SaidOctets,
                          first.of<Value::kSaid>());
  Values second = first;
  std::uint8_t* teks = columns.teks + std::size_t{index} * columns.counter_count * kTekOctets;
  for (std::uint32_t i = 0; i < columns.counter_count; i += 2) {
    const bool both = i + 1 < columns.counter_count;
    first.of<Value::kCounterTek>()[0] = big_endian_16(columns.counters[i]);
    second.of<Value::kCounterTek>()[0] = big_endian_16(columns.counters[both ? i + 1 : i]);
    const BlockPair pair = evaluate<Step>(schedule, subkeys, {first, 0}, {second, 0});
    store_block(pair.first, teks + std::size_t{i} * kTekOctets);
    if (both) store_block(pair.second, teks + std::size_t{i + 1} * kTekOctets);
  }
}

}  // namespace rekey::cuda
