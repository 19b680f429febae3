// SPDX-License-Identifier: Apache-2.0
//
// Which engine takes a batch: the one that would be finished first.
//
// Every engine has a cost model for each profile. The best engine for what waits is the one that
// would finish it first, its present batch included. When that one is busy, another takes as much
// as it can finish until then. A busy engine that is overdue is expected to stay so for as long as
// it has been.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "scheduler/limits.h"
#include "scheduler/machine.h"
#include "scheduler/work.h"

namespace rekey::scheduler {

/// Router knows the engines: what they cost, what they are busy with, and which may serve.
class Router {
 public:
  Router(const Limits& limits, const Machine& machine);

  /// Choice is an engine with a free slot, and how much effort a batch on it may hold.
  struct Choice {
    EngineId engine = 0;
    std::uint64_t effort = 0;
  };
  /// choose returns the engine for a batch out of `effort` that waits. Nothing when it is better to
  /// wait for a busy one: until it is free, or until `*out_look_again_us`.
  std::optional<Choice> choose(Profile profile, std::uint64_t effort, std::uint64_t now_us,
                               std::uint64_t* out_look_again_us) const;

  /// beside returns the engine for a batch so small that it goes beside those in the slots: it
  /// takes kBesideUs at most, and a device has as many of them as it has slots. Never one whose
  /// batches may be lost.
  [[nodiscard]] std::optional<EngineId> beside(Profile profile, std::uint64_t effort) const;

  /// launched takes a slot.
  void launched(EngineId engine, BatchId batch, Profile profile, std::uint64_t effort,
                std::uint64_t now_us);
  /// launched_beside takes one of the places beside the slots.
  void launched_beside(EngineId engine, BatchId batch) { device(engine).beside.push_back(batch); }
  /// returned gives the slot or the place back.
  void returned(EngineId engine, BatchId batch);
  /// lost takes note that a batch may never come back: its slot is gone, until came_late() says
  /// that it has come back after all.
  void lost(EngineId engine, BatchId batch);
  void came_late(EngineId engine) { --device(engine).lost; }
  void learn(EngineId engine, Profile profile, std::uint64_t effort, std::uint64_t us);

  /// serves says whether an engine may serve and has a slot that is not lost. None serves once a
  /// last resort was found wrong.
  [[nodiscard]] bool serves(EngineId engine) const {
    return engines_[engine].state == State::kServing && !distrusted_ &&
           device(engine).lost < device(engine).slots;
  }
  [[nodiscard]] bool any_serves() const;
  /// How often an engine was put into quarantine. What it began before is not to be trusted.
  [[nodiscard]] std::uint32_t quarantines(EngineId engine) const {
    return engines_[engine].quarantines;
  }
  /// quarantine returns whether the engine was serving until now.
  bool quarantine(EngineId engine, std::uint64_t now_us);
  /// take_probe returns a quarantined engine whose known answers are to be run now. It has a slot
  /// until probed().
  std::optional<EngineId> take_probe(std::uint64_t now_us);
  void probed(EngineId engine, bool passed, std::uint64_t now_us);
  /// When take_probe() will have something, unless nothing changes before; kNever when not.
  [[nodiscard]] std::uint64_t next_probe_us() const;

  /// pin has only `engine` used while it serves; nothing lets all be used again.
  void pin(std::optional<EngineId> engine) { pinned_ = engine; }

  /// any_slot_free says whether an engine could be given a batch.
  [[nodiscard]] bool any_slot_free() const;
  [[nodiscard]] const EngineSpec& spec(EngineId engine) const { return engines_[engine].spec; }
  /// What a batch of a profile costs on an engine, as far as is known.
  [[nodiscard]] const CostModel& cost(EngineId engine, Profile profile) const {
    return engines_[engine].spec.costs[static_cast<std::size_t>(profile)];
  }
  [[nodiscard]] std::size_t engines() const { return engines_.size(); }
  /// The shortest time in which some engine that serves could derive `effort`.
  [[nodiscard]] std::uint64_t quickest_us(Profile profile, std::uint64_t effort) const;
  /// The time in which all engines that serve together derive `effort`; kNever when none serves.
  [[nodiscard]] std::uint64_t drain_us(Profile profile, std::uint64_t effort) const;

 private:
  enum class State : std::uint8_t { kServing, kQuarantined, kProbing, kOut };
  struct Engine {
    EngineSpec spec;
    State state = State::kServing;
    std::uint32_t quarantines = 0;
    std::uint64_t rest_us = 0;      ///< of the latest quarantine
    std::uint64_t probe_at_us = 0;  ///< while quarantined
    std::uint64_t back_at_us = 0;   ///< when it was last let in again
  };
  struct Running {
    BatchId batch = 0;
    std::uint64_t expected_us = 0;
  };
  struct Device {
    std::uint32_t slots = 0;
    std::uint32_t probes = 0;
    std::uint32_t lost = 0;
    std::vector<Running> running;
    std::vector<BatchId> beside;

    [[nodiscard]] bool free() const { return running.size() + probes + lost < slots; }
    /// When it has a slot, as far as is known.
    [[nodiscard]] std::uint64_t free_at_us(std::uint64_t now_us) const;
  };

  [[nodiscard]] const Device& device(EngineId engine) const {
    return devices_[engines_[engine].spec.device];
  }
  [[nodiscard]] Device& device(EngineId engine) { return devices_[engines_[engine].spec.device]; }
  [[nodiscard]] bool may_be_chosen(EngineId engine) const;
  /// To be called whenever the state of an engine has changed.
  void see_last_resorts();
  [[nodiscard]] std::uint64_t batch_effort(EngineId engine, Profile profile) const;

  const Limits& limits_;
  std::vector<Engine> engines_;
  std::vector<Device> devices_;
  std::optional<EngineId> pinned_;
  bool distrusted_ = false;  ///< a last resort does not serve, so that none does
};

/// No batch is cut, nor handed to a slower engine, for less than this.
inline constexpr std::uint64_t kLeastEffort = 1'024;
/// Nothing that takes longer goes beside the slots: who derives it has others to read for.
inline constexpr std::uint64_t kBesideUs = 100;

}  // namespace rekey::scheduler
