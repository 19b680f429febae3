// SPDX-License-Identifier: Apache-2.0
//
// The order in which the vector engine works through a hierarchy: one phase for each key that
// steps run under, so that its schedule and its subkeys are worked out once. Within a phase all
// blocks that do not wait for each other go through AES together, as a wave.
#pragma once

#include <cstddef>

#include "profile/layout.h"
#include "simd/demand.h"
#include "simd/recipes.h"

namespace rekey::simd {

/// Phase is what runs under one key: adjacent steps of an AMS, and perhaps its TEKs.
struct Phase {
  profile::Value key = profile::Value::kNone;
  std::size_t first_step = 0;
  std::size_t step_count = 0;
  std::size_t waves = 0;  ///< of the steps; TEKs come after them
  bool is_cmac = false;   ///< otherwise plain AES blocks
  bool takes_k1 = false;  ///< some message's last block is complete
  bool takes_k2 = false;  ///< some message's last block is not
  bool derives_teks = false;
};

/// Phases is a hierarchy cut into phases.
struct Phases {
  Phase items[profile::kMaxSteps] = {};
  std::size_t count = 0;
};

/// first_wave returns the wave that takes block 0 of a step's messages; the next block follows in
/// the next wave. Wave 0 of a CMAC phase also encrypts the zero block that the subkeys come from,
/// so a message of a single block, which needs a subkey at once, begins one wave later.
constexpr std::size_t first_wave(const profile::StepLayout& step) {
  return step.function == profile::Function::kDot16Kdf && step.block_count == 1 ? 1 : 0;
}

/// phases_of cuts a hierarchy into phases.
constexpr Phases phases_of(const profile::HierarchyLayout& layout) {
  Phases phases;
  const auto take_subkey = [](const profile::StepLayout& step, Phase* phase) {
    (step.last_block_complete ? phase->takes_k1 : phase->takes_k2) = true;
  };
  for (std::size_t s = 0; s < layout.ams_step_count; ++s) {
    const profile::StepLayout& step = layout.ams_steps[s];
    if (phases.count == 0 || phases.items[phases.count - 1].key != step.key) {
      phases.items[phases.count++] = {.key = step.key, .first_step = s};
    }
    Phase& phase = phases.items[phases.count - 1];
    ++phase.step_count;
    const std::size_t waves = first_wave(step) + step.block_count;
    if (phase.waves < waves) phase.waves = waves;
    if (step.function != profile::Function::kDot16Kdf) continue;
    phase.is_cmac = true;
    take_subkey(step, &phase);
  }
  if (!layout.has_teks) return phases;
  for (std::size_t p = 0; p < phases.count; ++p) {
    Phase& phase = phases.items[p];
    if (phase.key != layout.tek_step.key) continue;
    phase.derives_teks = true;
    take_subkey(layout.tek_step, &phase);
    return phases;
  }
  throw "TEKs are derived under a key that no step of the AMS runs under";
}

/// exports_of returns the kinds of key that a phase's own steps yield.
constexpr KeySet exports_of(const profile::HierarchyLayout& layout, const Phase& phase) {
  KeySet kinds;
  for (std::size_t s = 0; s < phase.step_count; ++s) {
    const profile::StepLayout& step = layout.ams_steps[phase.first_step + s];
    for (std::size_t c = 0; c < step.cut_count; ++c) {
      if (const auto kind = kind_of(step.cuts[c].value)) kinds.insert(*kind);
    }
  }
  return kinds;
}

/// slots_of returns the slots of a phase's own steps that are among `full`.
constexpr Demand slots_of(const profile::HierarchyLayout& layout, const Phase& phase,
                          const Demand& full) {
  Demand slots;
  for (std::size_t s = 0; s < phase.step_count; ++s) {
    const profile::StepLayout& step = layout.ams_steps[phase.first_step + s];
    for (std::size_t e = 0; e < step.evaluations; ++e) {
      if (full.contains(step, e)) slots.insert(result_slot(step, e));
    }
  }
  return slots;
}

/// WaveBlock is one block for each AMS in a wave.
struct WaveBlock {
  bool is_zero = false;  ///< the zero block, which the subkeys come from
  std::size_t step = 0;  ///< of the phase
  std::size_t evaluation = 0;
  std::size_t block = 0;  ///< of the message
};

/// Wave is what goes through AES together in one phase when everything is demanded.
struct Wave {
  static constexpr std::size_t kCapacity = 6;

  WaveBlock blocks[kCapacity] = {};
  std::size_t count = 0;
};

/// wave_of returns one wave of a phase, of which no more than `full` is ever demanded.
constexpr Wave wave_of(const profile::HierarchyLayout& layout, const Phase& phase,
                       const Demand& full, std::size_t number) {
  Wave wave;
  if (phase.is_cmac && number == 0) wave.blocks[wave.count++] = {.is_zero = true};
  for (std::size_t s = 0; s < phase.step_count; ++s) {
    const profile::StepLayout& step = layout.ams_steps[phase.first_step + s];
    if (number < first_wave(step) || number >= first_wave(step) + step.block_count) continue;
    for (std::size_t e = 0; e < step.evaluations; ++e) {
      if (!full.contains(step, e)) continue;
      wave.blocks[wave.count++] = {.step = s, .evaluation = e, .block = number - first_wave(step)};
    }
  }
  return wave;
}

}  // namespace rekey::simd
