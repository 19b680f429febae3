// SPDX-License-Identifier: Apache-2.0
//
// Watches a scheduler from outside, knows only what it promises, and objects when a promise is
// broken.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "scheduler/scheduler.h"

namespace rekey::simulation {

/// Violation is a broken promise.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Auditor is told everything that goes into the scheduler and comes out. Its members throw
/// Violation.
class Auditor {
 public:
  Auditor(const scheduler::Limits& limits, const scheduler::Machine& machine,
          scheduler::Shares shares);

  /// `works` are one, or those that were submitted together.
  void submitted(std::span<const scheduler::Work> works, const scheduler::Answer& answer,
                 std::uint64_t now_us);
  void cancelled(scheduler::WorkId id, bool gone, std::uint64_t now_us);
  void taken(const scheduler::Batch& batch, std::uint64_t now_us);
  void completed(scheduler::BatchId id, scheduler::BatchOutcome outcome, bool counts,
                 std::uint64_t now_us);
  void advanced(std::uint64_t now_us);
  void finished(const scheduler::Finished& finished);
  void probe_taken(scheduler::EngineId engine);
  void probed(scheduler::EngineId engine, bool passed);
  void drain_began() { draining_ = true; }
  /// `limits` are those of batches and engines too, which do not change.
  void set_limits(const scheduler::Limits& limits, const scheduler::Shares& shares,
                  std::uint64_t now_us);

  /// settled is to be called when the scheduler has nothing more to hand out at `now_us`.
  void settled(const scheduler::Scheduler& scheduler, std::uint64_t now_us);
  /// ended is to be called when everything accepted should have come back.
  void ended(const scheduler::Scheduler& scheduler) const;

  /// Ids of what was accepted and has not come back, oldest first.
  [[nodiscard]] std::vector<scheduler::WorkId> alive() const;
  [[nodiscard]] const std::map<scheduler::Outcome, std::uint64_t>& outcomes() const {
    return outcomes_;
  }
  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  [[nodiscard]] std::uint64_t batches() const { return batches_; }

 private:
  enum class Ams : std::uint8_t { kWaits, kWaitsAgain, kOut, kDone };
  static bool waits(Ams ams) { return ams == Ams::kWaits || ams == Ams::kWaitsAgain; }
  struct Request {
    scheduler::Work work;
    std::size_t caller = 0;
    std::uint64_t submitted_us = 0;
    std::uint64_t first_out_us = scheduler::kNever;
    std::vector<Ams> ams;
    std::vector<scheduler::EngineId> derived_by;  ///< of those that are kDone
    std::uint64_t waiting = 0;
    std::uint64_t out = 0;
    std::uint32_t failures = 0;
    bool cancelled = false;
    bool given_up = false;  ///< nothing more of it may leave

    /// Whether AMSs of it wait for sure: a part may have been dropped unseen while another is out.
    [[nodiscard]] bool waits(const scheduler::Limits& limits) const {
      const bool droppable =
          work.deadline_us != scheduler::kNever || cancelled || failures >= limits.attempts;
      return waiting > 0 && !given_up && (out == 0 || !droppable);
    }
  };
  struct Out {
    scheduler::Batch batch;
    std::uint32_t quarantines = 0;
    std::uint64_t lost_us = scheduler::kNever;
    bool lost = false;
  };
  struct Engine {
    scheduler::EngineSpec spec;
    enum class State : std::uint8_t { kServing, kQuarantined, kProbing, kOut } state;
    std::uint32_t quarantines = 0;
  };
  struct Caller {
    std::string name;
    scheduler::Share share{};
    scheduler::Holding held{};
    std::uint64_t first_us = 0;        ///< when it was first here
    std::uint64_t accepted_items = 0;  ///< since then
    std::array<bool, 2> waits{};       ///< by priority
    /// While this one and another both wait: how much more effort this one was served with, each
    /// divided by its weight. By priority and by the other.
    std::array<std::map<std::size_t, double>, 2> ahead{};
  };

  void came_back(const Out& out, bool derived, bool failed);
  void quarantine(scheduler::EngineId engine);
  void take_on(const scheduler::Work& work, std::uint64_t now_us);
  void check_admission(std::span<const scheduler::Work> works, const scheduler::Answer& answer,
                       std::uint64_t now_us);
  /// Takes a piece out, and returns what its caller is charged: effort divided by weight.
  double take_piece(const scheduler::Batch& batch, const scheduler::Piece& piece,
                    std::uint64_t now_us);
  void check_priority(scheduler::Priority priority);
  /// `served` has what each caller was charged for one batch.
  void check_fairness(scheduler::Priority priority, const std::vector<double>& served);
  [[nodiscard]] bool serves(scheduler::EngineId engine) const;
  [[nodiscard]] bool any_serves() const;
  [[nodiscard]] bool waits(scheduler::Priority priority) const;
  void remember_who_waits();
  std::size_t caller_index(std::string_view name, std::uint64_t now_us);

  scheduler::Limits limits_;
  scheduler::Shares shares_;
  std::vector<std::uint32_t> slots_;
  std::vector<std::uint32_t> busy_;    ///< slots, lost ones included
  std::vector<std::uint32_t> beside_;  ///< batches beside the slots
  std::vector<std::uint32_t> lost_;
  std::vector<Engine> engines_;
  std::map<scheduler::WorkId, Request> requests_;
  std::map<scheduler::BatchId, Out> out_;
  std::vector<Caller> callers_;
  scheduler::Holding total_;
  std::map<scheduler::Outcome, std::uint64_t> outcomes_;
  std::uint64_t accepted_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t batches_ = 0;
  std::uint32_t beside_in_a_row_ = 0;
  std::uint32_t handover_in_a_row_ = 0;  ///< while background work waited
  std::uint32_t handover_since_background_ = 0;
  std::uint64_t widest_effort_ = 1;  ///< of one AMS, so far
  bool draining_ = false;
};

}  // namespace rekey::simulation
