// SPDX-License-Identifier: Apache-2.0
//
// How the vector engine puts a block together. Everything known about an AMS lies in slots, blocks
// of 16 octets: one for each input, then one for each T(i) of each step. A recipe says, octet by
// octet, which octet of which slot goes where; it is worked out at build time from the compiled
// hierarchy, and costs one octet shuffle for each slot that takes part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "profile/layout.h"
#include "rekey/key_kind.h"
#include "rekey/octets.h"

namespace rekey::simd {

// The slots of an AMS's inputs.
inline constexpr std::size_t kMsidSlot = 0;
inline constexpr std::size_t kBsidSlot = 1;
inline constexpr std::size_t kNonceSlot = 2;
inline constexpr std::size_t kCmacKeyCountSlot = 3;
inline constexpr std::size_t kAkSnSlot = 4;
inline constexpr std::size_t kPmkSlot = 5;  ///< the rightmost 16 octets of PMK
inline constexpr std::size_t kInputSlots = 6;
/// Octets of the inputs, by slot.
inline constexpr std::size_t kInputOctets[kInputSlots] = {
    kMsidOctets, kBsidOctets, kNonceOctets, kCmacKeyCountOctets, kAkSnOctets, kPmkOctets};
inline constexpr std::size_t kMaxResultSlots = 8;
inline constexpr std::size_t kSlots = kInputSlots + kMaxResultSlots;

inline constexpr std::size_t kPmkSlotSkips = kPmkOctets - kBlockOctets;

/// The slots of one TEK are others: its SAID and its COUNTER_TEK, each at octet 0.
inline constexpr std::size_t kSaidSlot = 0;
inline constexpr std::size_t kCounterSlot = 1;

/// The octet of a message's first block in which T(i) differs from T(0): it holds i.
inline constexpr std::size_t kEvaluationOctet = 3;

/// result_slot returns the slot of T(evaluation) of a step of the AMS.
constexpr std::size_t result_slot(const profile::StepLayout& step, std::size_t evaluation) {
  return kInputSlots + step.first_evaluation + evaluation;
}

/// Place is one octet of one slot.
struct Place {
  std::size_t slot = 0;
  std::uint8_t octet = 0;
};

/// place_of returns where octet `octet` of `value` lies among the slots of an AMS; it does not
/// compile for a value that no slot holds.
constexpr Place place_of(const profile::HierarchyLayout& layout, profile::Value value,
                         std::size_t octet) {
  using profile::Value;
  if (value == Value::kMsidStar && layout.msid_star_is_msid) value = Value::kMsid;
  const auto at = [octet](std::size_t slot) {
    return Place{slot, static_cast<std::uint8_t>(octet)};
  };
  switch (value) {
    case Value::kMsid:
      return at(kMsidSlot);
    case Value::kBsid:
      return at(kBsidSlot);
    case Value::kNonce:
      return at(kNonceSlot);
    case Value::kCmacKeyCount:
      return at(kCmacKeyCountSlot);
    case Value::kAkSn:
      return at(kAkSnSlot);
    case Value::kPmk:
      if (octet < kPmkSlotSkips) break;
      return {kPmkSlot, static_cast<std::uint8_t>(octet - kPmkSlotSkips)};
    default:
      for (std::size_t step = 0; step < layout.ams_step_count; ++step) {
        for (const profile::Cut& cut : layout.ams_steps[step].cuts) {
          if (cut.value != value) continue;
          const std::size_t position = cut.offset + octet;
          return {result_slot(layout.ams_steps[step], position / kBlockOctets),
                  static_cast<std::uint8_t>(position % kBlockOctets)};
        }
      }
  }
  throw "no slot holds this octet";
}

inline constexpr std::uint8_t kNoOctet = 0x80;  ///< a shuffle index that yields a zero octet

/// Shuffle brings the octets of one slot to their places in a block.
struct Shuffle {
  alignas(kBlockOctets) std::uint8_t indices[kBlockOctets] = {};
  std::size_t slot = 0;
};

/// Recipe is a block: the constant octets, joined with every shuffled slot.
struct Recipe {
  alignas(kBlockOctets) std::uint8_t constant[kBlockOctets] = {};
  Shuffle shuffles[profile::kMaxFields] = {};
  std::size_t shuffle_count = 0;

  /// Puts one octet of a slot at `position` of the block.
  constexpr void take(Place place, std::size_t position) {
    std::size_t i = 0;
    while (i < shuffle_count && shuffles[i].slot != place.slot) ++i;
    if (i == shuffle_count) {
      ++shuffle_count;
      shuffles[i].slot = place.slot;
      for (std::uint8_t& index : shuffles[i].indices) index = kNoOctet;
    }
    shuffles[i].indices[position] = place.octet;
  }

  /// The shuffle of one slot; there must be one.
  [[nodiscard]] constexpr const Shuffle& of_slot(std::size_t slot) const {
    std::size_t i = 0;
    while (shuffles[i].slot != slot) ++i;
    return shuffles[i];
  }

  /// Whether the block is one slot as it lies.
  [[nodiscard]] constexpr bool is_slot() const {
    if (shuffle_count != 1) return false;
    for (std::size_t i = 0; i < kBlockOctets; ++i) {
      if (shuffles[0].indices[i] != i) return false;
    }
    return true;
  }
};

/// message_recipe returns the recipe of one block of T(0)'s message. `place(value, octet)` tells
/// where values lie.
template <typename PlaceOf>
constexpr Recipe message_recipe(const profile::StepLayout& step, std::size_t block, PlaceOf place) {
  Recipe recipe;
  const profile::Block& source = step.blocks[block];
  for (std::size_t i = 0; i < kBlockOctets; ++i) recipe.constant[i] = source.constant[i];
  for (std::size_t f = 0; f < source.field_count; ++f) {
    const profile::Field& field = source.fields[f];
    for (std::size_t i = 0; i < field.octets; ++i) {
      recipe.take(place(field.value, field.value_offset + i), field.block_offset + i);
    }
  }
  return recipe;
}

/// kin_recipe returns the recipe of the AES key a step runs under.
constexpr Recipe kin_recipe(const profile::HierarchyLayout& layout,
                            const profile::StepLayout& step) {
  Recipe recipe;
  const std::size_t key_octets =
      step.key_zero_extended ? profile::value_octets(step.key, {}) : kBlockOctets;
  for (std::size_t i = 0; i < key_octets; ++i) {
    recipe.take(place_of(layout, step.key, step.key_offset + i), i);
  }
  return recipe;
}

/// ams_message_recipe is message_recipe() for a step of the AMS.
constexpr Recipe ams_message_recipe(const profile::HierarchyLayout& layout,
                                    const profile::StepLayout& step, std::size_t block) {
  return message_recipe(step, block, [&](profile::Value value, std::size_t octet) {
    return place_of(layout, value, octet);
  });
}

/// tek_message_recipe is message_recipe() for the step that derives a TEK.
constexpr Recipe tek_message_recipe(const profile::StepLayout& step, std::size_t block) {
  return message_recipe(step, block, [](profile::Value value, std::size_t octet) -> Place {
    switch (value) {
      case profile::Value::kSaid:
        return {kSaidSlot, static_cast<std::uint8_t>(octet)};
      case profile::Value::kCounterTek:
        return {kCounterSlot, static_cast<std::uint8_t>(octet)};
      default:
        throw "a TEK's message is made of SAID and COUNTER_TEK alone";
    }
  });
}

/// kind_of returns the result column a value is exported to; nothing for values that stay inside.
constexpr std::optional<KeyKind> kind_of(profile::Value value) {
  using profile::Value;
  switch (value) {
    case Value::kMsidStar:
      return KeyKind::kMsidStar;
    case Value::kAk:
      return KeyKind::kAk;
    case Value::kAkid:
      return KeyKind::kAkid;
    case Value::kCmacKeyU:
      return KeyKind::kCmacKeyU;
    case Value::kCmacKeyD:
      return KeyKind::kCmacKeyD;
    case Value::kKek:
      return KeyKind::kKek;
    case Value::kTek:
      return KeyKind::kTek;
    default:
      return std::nullopt;
  }
}

}  // namespace rekey::simd
