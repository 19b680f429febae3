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

namespace rekey::simd {

/// TEKs of an association in the usual case, in which each AMS has one association.
inline constexpr std::size_t kUsualTeks = 2;

/// Stage is a wave of a phase or, after the last wave of the phase that derives them, the TEKs.
struct Stage {
  std::size_t phase = 0;
  std::size_t wave = 0;
  bool is_teks = false;

  [[nodiscard]] constexpr bool begins_phase() const { return wave == 0 && !is_teks; }
};

struct Stages {
  static constexpr std::size_t kCapacity = 16;

  Stage items[kCapacity] = {};
  std::size_t count = 0;
};

constexpr Stages stages_of(const Phases& phases) {
  Stages stages;
  for (std::size_t p = 0; p < phases.count; ++p) {
    const Phase& phase = phases.items[p];
    for (std::size_t w = 0; w < phase.waves; ++w) stages.items[stages.count++] = {p, w};
    if (phase.derives_teks) stages.items[stages.count++] = {p, 0, true};
  }
  return stages;
}

/// blocks_of returns how many blocks a stage sends through AES for each AMS.
constexpr std::size_t blocks_of(const profile::HierarchyLayout& layout, const Phases& phases,
                                const Demand& full, const Stage& stage) {
  if (stage.is_teks) return kUsualTeks;
  return wave_of(layout, phases.items[stage.phase], full, stage.wave).count;
}

/// richest_stage returns the stage with the most blocks beside which the first key schedule of AMSs
/// that follow finds room: the group it is written for is about to begin the stage `ahead` stages
/// further, which needs neither a schedule of its own nor the first one any more.
constexpr std::size_t richest_stage(const profile::HierarchyLayout& layout, const Phases& phases,
                                    const Stages& stages, const Demand& full, std::size_t ahead) {
  std::size_t best = 0;
  std::size_t most = 0;
  for (std::size_t s = 1; s + ahead < stages.count; ++s) {
    if (stages.items[s + ahead].begins_phase() || stages.items[s + ahead].phase == 0) continue;
    const std::size_t blocks = blocks_of(layout, phases, full, stages.items[s]);
    if (blocks < most || stages.items[s].is_teks) continue;
    best = s;
    most = blocks;
  }
  return best;
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
  if (stage.is_teks) {
    tasks->add({Task::Kind::kExportTeks, s, 0});
    return;
  }
  if (phase.is_cmac && stage.wave == 0) tasks->add({Task::Kind::kWriteSubkeys, s, 0});
  for (std::size_t i = 0; i < phase.step_count; ++i) {
    if (ends_with(layout.ams_steps[phase.first_step + i], stage.wave)) {
      tasks->add({Task::Kind::kExportStep, s, i});
    }
  }
}

/// add_tasks_before adds what puts together the blocks that stage `s` takes.
constexpr void add_tasks_before(const profile::HierarchyLayout& layout, const Phases& phases,
                                const Stages& stages, std::size_t s, Tasks* tasks) {
  const Stage& stage = stages.items[s];
  const Phase& phase = phases.items[stage.phase];
  if (stage.is_teks) {
    tasks->add({Task::Kind::kPrepareTeks, s, 0});
    return;
  }
  for (std::size_t i = 0; i < phase.step_count; ++i) {
    if (takes_part(layout.ams_steps[phase.first_step + i], stage.wave)) {
      tasks->add({Task::Kind::kPrepareStep, s, i});
    }
  }
}

}  // namespace rekey::simd
