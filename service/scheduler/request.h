// SPDX-License-Identifier: Apache-2.0
//
// A request inside the scheduler, from its admission to its end.
#pragma once

#include <algorithm>
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
          Group* group)
      : work_(work), arrival_(arrival), submitted_us_(now_us), caller_(caller), group_(group) {
    work_.caller = {};
    if (work_.effort == 0) work_.effort = work_.items;
    waiting_ = work_.items;
  }

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
  [[nodiscard]] std::uint64_t octets_of(std::uint32_t items) const {
    if (items == work_.items) return work_.octets;
    const std::uint64_t even = (work_.octets + work_.items - 1) / work_.items;
    return std::min(work_.octets, std::max(even, work_.widest_octets) * items);
  }
  /// How many of its AMSs an effort and some memory are enough for.
  [[nodiscard]] std::uint32_t items_within(std::uint64_t effort, std::uint64_t octets) const {
    std::uint64_t items = effort * work_.items / work_.effort;
    if (octets < octets_of(static_cast<std::uint32_t>(std::min<std::uint64_t>(items, waiting_)))) {
      const std::uint64_t even = (work_.octets + work_.items - 1) / work_.items;
      items =
          std::min(items, octets / std::max<std::uint64_t>(std::max(even, work_.widest_octets), 1));
    }
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(items, waiting_));
  }

  /// What comes next: whether it was handed out before, and how many AMSs follow each other.
  [[nodiscard]] bool next_is_again() const { return !again_.empty(); }
  [[nodiscard]] std::uint32_t next_run() const {
    return again_.empty() ? work_.items - next_item_ : again_.back().items;
  }
  /// hand_out takes the next `items` AMSs, at most next_run().
  Piece hand_out(std::uint32_t items, std::uint64_t now_us) {
    Piece piece{.id = work_.id, .first_item = next_item_, .items = items};
    if (again_.empty()) {
      next_item_ += items;
    } else {
      Piece& from = again_.back();
      piece.first_item = from.first_item;
      from.first_item += items;
      from.items -= items;
      if (from.items == 0) again_.pop_back();
    }
    waiting_ -= items;
    out_ += items;
    if (first_out_us_ == kNever) first_out_us_ = now_us;
    return piece;
  }
  /// derived takes note of a piece that an engine derived, came_back() of one that it did not.
  void derived(const Piece& piece, EngineId engine) {
    out_ -= piece.items;
    done_.push_back({piece, engine});
  }
  void came_back(const Piece& piece) {
    out_ -= piece.items;
    wait_again(piece);
  }
  /// distrust has what an engine derived wait again; false when there is nothing of it.
  bool distrust(EngineId engine) {
    const auto others =
        std::ranges::partition(done_, [engine](const Done& done) { return done.engine != engine; });
    for (const Done& done : others) wait_again(done.piece);
    const bool any = !others.empty();
    done_.erase(others.begin(), others.end());
    return any;
  }
  /// give_up has nothing more of it wait.
  void give_up() {
    waiting_ = 0;
    next_item_ = work_.items;
    again_.clear();
  }

  [[nodiscard]] std::uint64_t queue_us(std::uint64_t now_us) const {
    return (first_out_us_ == kNever ? now_us : first_out_us_) - submitted_us_;
  }

  /// failed_in takes note of a batch that failed with a part of it, and returns how many have.
  std::uint32_t failed_in(BatchId batch) {
    if (last_failure_ != batch) ++failures_;
    last_failure_ = batch;
    return failures_;
  }
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

  void wait_again(const Piece& piece) {
    waiting_ += piece.items;
    const auto later = [](const Piece& left, const Piece& right) {
      return left.first_item > right.first_item;
    };
    again_.insert(std::ranges::lower_bound(again_, piece, later), piece);
  }

  Work work_;
  std::uint64_t arrival_;
  std::uint64_t submitted_us_;
  std::uint64_t first_out_us_ = kNever;
  Caller* caller_;
  Group* group_;
  std::uint32_t next_item_ = 0;
  std::uint32_t waiting_ = 0;
  std::uint32_t out_ = 0;
  std::vector<Done> done_;
  std::vector<Piece> again_;  ///< the last one leaves first
  std::uint32_t failures_ = 0;
  BatchId last_failure_ = 0;
};

}  // namespace rekey::scheduler
