// SPDX-License-Identifier: Apache-2.0
//
// What the vector engine does for a group of AMSs, one after the other, when every key is asked
// for: stages, each of which sends blocks through AES. What lies between two stages of a group (to
// export what the first yields, to put together what the next takes) are small tasks, which are
// done beside the AES of another group, so that the AES unit does not wait for them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "profile/layout.h"
#include "simd/demand.h"
#include "simd/phases.h"
#include "simd/recipes.h"

namespace rekey::simd {

/// TEKs of an association in the usual case, in which each AMS has one association.
inline constexpr std::size_t kUsualTeks = 2;

/// Blocks that go through AES together: with four and a key schedule the registers are full.
inline constexpr std::size_t kMostBlocks = 4;

/// Stage is a wave of a phase, the TEKs after the last wave of the phase that derives them, or both
/// at once.
struct Stage {
  std::size_t phase = 0;
  std::size_t wave = 0;
  bool has_wave = true;
  bool has_teks = false;

  [[nodiscard]] constexpr bool begins_phase() const { return has_wave && wave == 0; }
};

struct Stages {
  static constexpr std::size_t kCapacity = 16;

  Stage items[kCapacity] = {};
  std::size_t count = 0;
  /// If the last stage is a wave with TEKs, another one that takes its place where TEKs are derived
  /// by other means: the wave alone. It is not counted.
  bool has_last_without_teks = false;
};

/// blocks_of returns how many blocks a stage sends through AES for each AMS.
constexpr std::size_t blocks_of(const profile::HierarchyLayout& layout, const Phases& phases,
                                const Demand& full, const Stage& stage) {
  std::size_t blocks = stage.has_teks ? kUsualTeks : 0;
  if (stage.has_wave) {
    blocks += wave_of(layout, phases.items[stage.phase], full, stage.wave).count;
  }
  return blocks;
}

/// stages_of lists the stages of a hierarchy of which no more than `full` is ever demanded.
constexpr Stages stages_of(const profile::HierarchyLayout& layout, const Phases& phases,
                           const Demand& full) {
  Stages stages;
  for (std::size_t p = 0; p < phases.count; ++p) {
    const Phase& phase = phases.items[p];
    for (std::size_t w = 0; w < phase.waves; ++w) stages.items[stages.count++] = {p, w};
    if (!phase.derives_teks) continue;
    Stage& last_wave = stages.items[stages.count - 1];
    const std::size_t together = blocks_of(layout, phases, full, last_wave) + kUsualTeks;
    if (p + 1 == phases.count && phase.waves > 1 && together <= kMostBlocks) {
      stages.items[stages.count] = last_wave;
      stages.has_last_without_teks = true;
      last_wave.has_teks = true;
    } else {
      stages.items[stages.count++] = {.phase = p, .has_wave = false, .has_teks = true};
    }
  }
  return stages;
}

/// has_room returns whether the first key schedule of AMSs that follow finds room beside stage `s`:
/// the group it is written for is about to begin the stage `ahead` stages further, which needs
/// neither a schedule of its own nor the first one any more.
constexpr bool has_room(const Stages& stages, std::size_t s, std::size_t ahead) {
  if (s + ahead >= stages.count || !stages.items[s].has_wave) return false;
  const Stage& next = stages.items[s + ahead];
  return !next.begins_phase() && next.phase > 0;
}

/// first_with_room returns the first stage that has_room(), or stages.count.
constexpr std::size_t first_with_room(const Stages& stages, std::size_t ahead) {
  std::size_t s = 1;
  while (s < stages.count && !has_room(stages, s, ahead)) ++s;
  return s;
}

/// last_with_room returns the last stage that has_room(), or 0.
constexpr std::size_t last_with_room(const Stages& stages, std::size_t ahead) {
  std::size_t s = stages.count - 1;
  while (s > 0 && !has_room(stages, s, ahead)) --s;
  return s;
}

/// Task is a small piece of work for a group between two stages; it is done vector by vector.
struct Task {
  enum class Kind : std::uint8_t {
    kWriteSubkeys,  ///< from the zero block that `stage` has encrypted
    kExportStep,    ///< the keys that end in `stage`
    kExportTeks,
    kPrepareStep,  ///< the blocks of a step that `stage` takes
    kPrepareTeks,
  };

  Kind kind{};
  std::size_t stage = 0;
  std::size_t step = 0;  ///< of the phase
};

struct Tasks {
  static constexpr std::size_t kCapacity = 12;

  Task items[kCapacity] = {};
  std::size_t count = 0;

  constexpr void add(const Task& task) { items[count++] = task; }
};

/// Whether wave `wave` takes a block of `step`.
constexpr bool takes_part(const profile::StepLayout& step, std::size_t wave) {
  return wave >= first_wave(step) && wave < first_wave(step) + step.block_count;
}
/// Whether the results of `step` are complete after wave `wave`.
constexpr bool ends_with(const profile::StepLayout& step, std::size_t wave) {
  return wave + 1 == first_wave(step) + step.block_count;
}

/// add_tasks_after adds what is to be done with the blocks that stage `s` has encrypted.
constexpr void add_tasks_after(const profile::HierarchyLayout& layout, const Phases& phases,
                               const Stages& stages, std::size_t s, Tasks* tasks) {
  const Stage& stage = stages.items[s];
  const Phase& phase = phases.items[stage.phase];
  if (stage.has_teks) tasks->add({Task::Kind::kExportTeks, s, 0});
  if (!stage.has_wave) return;
  if (phase.is_cmac && stage.wave == 0) tasks->add({Task::Kind::kWriteSubkeys, s, 0});
  for (std::size_t i = 0; i < phase.step_count; ++i) {
    if (ends_with(layout.ams_steps[phase.first_step + i], stage.wave)) {
      tasks->add({Task::Kind::kExportStep, s, i});
    }
  }
}

/// is_constant returns whether a block of a step's messages is the same for all AMSs, so that it
/// needs not be put together for each.
constexpr bool is_constant(const profile::HierarchyLayout& layout, const profile::StepLayout& step,
                           std::size_t block) {
  const bool takes_subkey =
      step.function == profile::Function::kDot16Kdf && block + 1 == step.block_count;
  return block == 0 && !takes_subkey && ams_message_recipe(layout, step, block).shuffle_count == 0;
}

/// add_tasks_before adds what puts together the blocks that stage `s` takes.
constexpr void add_tasks_before(const profile::HierarchyLayout& layout, const Phases& phases,
                                const Stages& stages, std::size_t s, Tasks* tasks) {
  const Stage& stage = stages.items[s];
  const Phase& phase = phases.items[stage.phase];
  if (stage.has_teks) tasks->add({Task::Kind::kPrepareTeks, s, 0});
  if (!stage.has_wave) return;
  for (std::size_t i = 0; i < phase.step_count; ++i) {
    const profile::StepLayout& step = layout.ams_steps[phase.first_step + i];
    if (takes_part(step, stage.wave) && !is_constant(layout, step, stage.wave - first_wave(step))) {
      tasks->add({Task::Kind::kPrepareStep, s, i});
    }
  }
}

}  // namespace rekey::simd
