// SPDX-License-Identifier: Apache-2.0
//
// A request inside the scheduler, from its admission to its end.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "scheduler/callers.h"
#include "scheduler/work.h"

namespace rekey::scheduler {

struct Group;

/// Request knows which of its AMSs wait, are in an engine, and are done. They leave in order; those
/// of a batch that failed leave again, before the others.
class Request {
 public:
  Request(const Work& work, std::uint64_t arrival, std::uint64_t now_us, Caller* caller,
          Group* group);

  [[nodiscard]] const Work& work() const { return work_; }
  [[nodiscard]] WorkId id() const { return work_.id; }
  [[nodiscard]] std::uint64_t arrival() const { return arrival_; }
  [[nodiscard]] Caller& caller() const { return *caller_; }
  [[nodiscard]] Flow& flow() const {
    return caller_->flows[static_cast<std::size_t>(work_.priority)];
  }
  [[nodiscard]] Group& group() const { return *group_; }

  /// AMSs that wait, and that are in engines.
  [[nodiscard]] std::uint32_t waiting() const { return waiting_; }
  [[nodiscard]] std::uint32_t out() const { return out_; }
  [[nodiscard]] bool done() const { return waiting_ == 0 && out_ == 0; }

  /// What `items` of its AMSs cost, and take in memory at most.
  [[nodiscard]] std::uint64_t effort_of(std::uint32_t items) const {
    return (work_.effort * items + work_.items - 1) / work_.items;
  }
  [[nodiscard]] std::uint64_t octets_of(std::uint32_t items) const;
  /// How many of its AMSs an effort and some memory are enough for.
  [[nodiscard]] std::uint32_t items_within(std::uint64_t effort, std::uint64_t octets) const;

  /// What comes next: whether it was handed out before, and how many AMSs follow each other.
  [[nodiscard]] bool next_is_again() const { return !again_.empty(); }
  [[nodiscard]] std::uint32_t next_run() const {
    return again_.empty() ? work_.items - next_item_ : again_.back().items;
  }
  /// hand_out takes the next `items` AMSs, at most next_run().
  Piece hand_out(std::uint32_t items, std::uint64_t now_us);
  /// derived takes note of a piece that an engine derived, came_back() of one that it did not.
  void derived(const Piece& piece, EngineId engine);
  void came_back(const Piece& piece);
  /// distrust has what an engine derived wait again; false when there is nothing of it.
  bool distrust(EngineId engine);
  /// give_up has nothing more of it wait.
  void give_up();

  [[nodiscard]] std::uint64_t queue_us(std::uint64_t now_us) const {
    return (first_out_us_ == kNever ? now_us : first_out_us_) - submitted_us_;
  }

  /// failed_in takes note of a batch that failed with a part of it, and returns how many have.
  std::uint32_t failed_in(BatchId batch);
  [[nodiscard]] std::uint32_t failures() const { return failures_; }

  std::uint64_t launch_by_us = kNever;    ///< when it is dropped
  std::optional<Outcome> ended;           ///< set while the last of it is still in an engine
  Line* line = nullptr;                   ///< where it waits
  std::list<Request*>::iterator place{};  ///< in that line
  std::uint64_t counted_effort = 0;       ///< its part of its group's waiting effort

 private:
  struct Done {
    Piece piece;
    EngineId engine = 0;
  };

  void wait_again(const Piece& piece);
  /// The memory of any one AMS, at most.
  [[nodiscard]] std::uint64_t widest_octets() const;

  Work work_;
  std::uint64_t arrival_;
  std::uint64_t submitted_us_;
  std::uint64_t first_out_us_ = kNever;
  Caller* caller_;
  Group* group_;
  std::uint32_t next_item_ = 0;
  std::uint32_t waiting_ = 0;
  std::uint32_t out_ = 0;
  std::vector<Done> done_;    ///< while there is more of it
  std::vector<Piece> again_;  ///< the last one leaves first
  std::uint32_t failures_ = 0;
  BatchId last_failure_ = 0;
};

}  // namespace rekey::scheduler
