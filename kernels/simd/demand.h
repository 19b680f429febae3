// SPDX-License-Identifier: Apache-2.0
//
// Which T(i) a batch needs at all: those that an asked-for key is cut from, and those that a needed
// step is keyed with or reads. The rest is never computed: PREKEY's T(0), for example, or AK's when
// AK itself is not asked for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "profile/layout.h"
#include "rekey/key_kind.h"
#include "simd/recipes.h"

namespace rekey::simd {

/// Demand is a set of slots of one AMS.
class Demand {
 public:
  /// Whether T(evaluation) of a step is needed.
  [[nodiscard]] constexpr bool contains(const profile::StepLayout& step,
                                        std::size_t evaluation) const {
    return (slots_ >> result_slot(step, evaluation) & 1U) != 0;
  }
  /// Whether any T(i) of a step is needed.
  [[nodiscard]] constexpr bool contains(const profile::StepLayout& step) const {
    const std::uint32_t evaluations = (1U << step.evaluations) - 1;
    return (slots_ >> result_slot(step, 0) & evaluations) != 0;
  }

  [[nodiscard]] constexpr bool contains(std::size_t slot) const {
    return (slots_ >> slot & 1U) != 0;
  }
  [[nodiscard]] constexpr bool contains_all(const Demand& other) const {
    return (other.slots_ & ~slots_) == 0;
  }
  [[nodiscard]] constexpr bool contains_any(const Demand& other) const {
    return (other.slots_ & slots_) != 0;
  }

  /// The set as a bit mask: bit s is slot s.
  [[nodiscard]] constexpr std::uint32_t slots() const { return slots_; }

  constexpr void insert(std::size_t slot) { slots_ |= 1U << slot; }
  /// Inserts the slots a block is put together from.
  constexpr void insert(const Recipe& recipe) {
    for (std::size_t i = 0; i < recipe.shuffle_count; ++i) insert(recipe.shuffles[i].slot);
  }
  constexpr void insert(const Demand& other) { slots_ |= other.slots_; }
  constexpr bool operator==(const Demand&) const = default;

 private:
  static_assert(kSlots <= 32);
  std::uint32_t slots_ = 0;
};

/// insert_reads inserts the slots that a step of the AMS is keyed with and reads.
constexpr void insert_reads(const profile::HierarchyLayout& layout, const profile::StepLayout& step,
                            Demand* demand) {
  demand->insert(kin_recipe(layout, step));
  for (std::size_t b = 0; b < step.block_count; ++b) {
    demand->insert(ams_message_recipe(layout, step, b));
  }
}

/// demand_for returns what has to be computed to export `outputs`.
constexpr Demand demand_for(const profile::HierarchyLayout& layout, KeySet outputs) {
  Demand demand;
  if (layout.has_teks && outputs.contains(KeyKind::kTek)) {
    demand.insert(kin_recipe(layout, layout.tek_step));
  }
  // A step reads only what earlier steps yield: one pass from the last to the first is enough.
  for (std::size_t s = layout.ams_step_count; s-- > 0;) {
    const profile::StepLayout& step = layout.ams_steps[s];
    for (std::size_t c = 0; c < step.cut_count; ++c) {
      const profile::Cut& cut = step.cuts[c];
      const auto kind = kind_of(cut.value);
      if (!kind || !outputs.contains(*kind)) continue;
      const std::size_t last = (cut.offset + cut.octets - 1) / kBlockOctets;
      for (std::size_t i = cut.offset / kBlockOctets; i <= last; ++i) {
        demand.insert(result_slot(step, i));
      }
    }
    if (demand.contains(step)) insert_reads(layout, step, &demand);
  }
  return demand;
}

/// slots_read returns the slots that some step reads; the others are only exported.
constexpr Demand slots_read(const profile::HierarchyLayout& layout) {
  Demand read;
  for (std::size_t s = 0; s < layout.ams_step_count; ++s) {
    insert_reads(layout, layout.ams_steps[s], &read);
  }
  if (layout.has_teks) read.insert(kin_recipe(layout, layout.tek_step));
  return read;
}

/// Demands is demand_for() each kind of key alone, worked out at build time.
class Demands {
 public:
  explicit constexpr Demands(const profile::HierarchyLayout& layout) {
    for (KeyKind kind : kAllKeyKinds) of_kind_[index(kind)] = demand_for(layout, {kind});
  }

  /// What has to be computed to export `outputs`: what any of them needs.
  [[nodiscard]] constexpr Demand of(KeySet outputs) const {
    Demand demand;
    for (KeyKind kind : kAllKeyKinds) {
      if (outputs.contains(kind)) demand.insert(of_kind_[index(kind)]);
    }
    return demand;
  }

 private:
  static constexpr std::size_t index(KeyKind kind) { return static_cast<std::size_t>(kind); }

  std::array<Demand, kAllKeyKinds.size()> of_kind_{};
};

}  // namespace rekey::simd
