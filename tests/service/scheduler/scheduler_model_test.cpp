// SPDX-License-Identifier: Apache-2.0
//
// Random histories against the scheduler, checked by a bookkeeper that knows only the promises.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "scheduler/scheduler.h"

namespace rekey::scheduler {
namespace {

/// Bookkeeper records what was accepted and asserts every promise on what comes back.
class Bookkeeper {
 public:
  explicit Bookkeeper(const Limits& limits) : limits_(limits) {}

  void accepted(const Work& work, std::uint64_t now_us) {
    waiting_.push_back({work, now_us});
    RC_ASSERT(waiting_.size() <= limits_.queue_requests);
    RC_ASSERT(items() <= limits_.queue_items);
    RC_ASSERT(octets() <= limits_.queue_octets);
  }

  void refused(const Work& work) {
    RC_ASSERT(waiting_.size() == limits_.queue_requests ||
              items() + work.items > limits_.queue_items ||
              octets() + work.octets > limits_.queue_octets);
  }

  void cancelled(WorkId id) {
    const auto found = std::ranges::find(waiting_, id, [](const Waiting& w) { return w.work.id; });
    RC_ASSERT(found != waiting_.end());
    waiting_.erase(found);
  }

  /// The batch is the longest fitting prefix of its group's line, and that line begins with the
  /// oldest work of its priority.
  void taken(const Batch& batch, std::uint64_t now_us) {
    const auto same_priority = [&](const Waiting& w) { return w.work.priority == batch.priority; };
    const auto oldest = std::ranges::find_if(waiting_, same_priority);
    RC_ASSERT(oldest != waiting_.end());
    RC_ASSERT(oldest->work.group == batch.group);
    check_priority(batch.priority);

    std::uint64_t batch_items = 0;
    std::uint64_t batch_octets = 0;
    std::size_t handed_out = 0;
    bool full = false;
    std::vector<Waiting> left;
    for (const Waiting& waiting : waiting_) {
      const bool in_line = same_priority(waiting) && waiting.work.group == batch.group;
      full = full || (in_line && (batch_items + waiting.work.items > limits_.batch_items ||
                                  batch_octets + waiting.work.octets > limits_.batch_octets));
      if (!in_line || full) {
        left.push_back(waiting);
        continue;
      }
      RC_ASSERT(handed_out < batch.members.size());
      RC_ASSERT(batch.members[handed_out].id == waiting.work.id);
      RC_ASSERT(batch.members[handed_out].queue_us == now_us - waiting.submitted_us);
      batch_items += waiting.work.items;
      batch_octets += waiting.work.octets;
      ++handed_out;
    }
    RC_ASSERT(handed_out > 0U);
    RC_ASSERT(handed_out == batch.members.size());
    RC_ASSERT(batch.items == batch_items);
    waiting_ = std::move(left);
  }

  void agrees_with(const Scheduler& scheduler) const {
    RC_ASSERT(scheduler.queued_requests() == waiting_.size());
    RC_ASSERT(scheduler.queued_items() == items());
    RC_ASSERT(scheduler.queued_octets() == octets());
    RC_ASSERT(scheduler.has_work() == !waiting_.empty());
  }

  [[nodiscard]] bool empty() const { return waiting_.empty(); }

 private:
  struct Waiting {
    Work work;
    std::uint64_t submitted_us;
  };

  [[nodiscard]] bool waits(Priority priority) const {
    return std::ranges::any_of(waiting_,
                               [=](const Waiting& w) { return w.work.priority == priority; });
  }

  void check_priority(Priority priority) {
    if (priority == Priority::kBackground) {
      // Background may overtake handover only when its turn has come.
      RC_ASSERT(!waits(Priority::kHandover) || passed_over_ + 1 == limits_.background_period);
      passed_over_ = 0;
    } else {
      passed_over_ = waits(Priority::kBackground) ? passed_over_ + 1 : 0;
      RC_ASSERT(passed_over_ < limits_.background_period);
    }
  }

  [[nodiscard]] std::uint64_t items() const {
    std::uint64_t sum = 0;
    for (const Waiting& waiting : waiting_) sum += waiting.work.items;
    return sum;
  }
  [[nodiscard]] std::uint64_t octets() const {
    std::uint64_t sum = 0;
    for (const Waiting& waiting : waiting_) sum += waiting.work.octets;
    return sum;
  }

  Limits limits_;
  std::vector<Waiting> waiting_;  ///< in order of arrival
  std::uint32_t passed_over_ = 0;
};

Work arbitrary_work(WorkId id, const Limits& limits) {
  const auto group = *rc::gen::inRange<std::uint16_t>(0, 3);
  return {
      .id = id,
      .group = {.tek_counters = {group}, .tek_counter_count = 1},
      .items = *rc::gen::inRange<std::uint32_t>(1, limits.batch_items + 1),
      .octets = *rc::gen::inRange<std::uint64_t>(0, limits.batch_octets + 1),
      .priority = *rc::gen::elementOf(std::vector(kAllPriorities.begin(), kAllPriorities.end()))};
}

RC_GTEST_PROP(SchedulerModel, KeepsItsPromisesInAnyHistory, ()) {
  const Limits limits{.batch_items = *rc::gen::inRange<std::uint32_t>(1, 12),
                      .batch_octets = *rc::gen::inRange<std::uint64_t>(1, 40),
                      .queue_requests = *rc::gen::inRange<std::uint32_t>(1, 20),
                      .queue_items = *rc::gen::inRange<std::uint64_t>(12, 60),
                      .queue_octets = *rc::gen::inRange<std::uint64_t>(40, 200),
                      .background_period = *rc::gen::inRange<std::uint32_t>(1, 9)};
  Scheduler scheduler(limits);
  Bookkeeper bookkeeper(limits);
  std::vector<Batch> out;
  std::set<WorkId> accepted;
  std::set<WorkId> returned;
  WorkId next_id = 0;
  std::uint64_t now_us = 0;
  bool draining = false;

  const auto take = [&] {
    std::optional<Batch> batch = scheduler.take_batch(now_us);
    RC_ASSERT(batch.has_value() == !bookkeeper.empty());
    if (!batch) return false;
    bookkeeper.taken(*batch, now_us);
    for (const Member& member : batch->members) RC_ASSERT(returned.insert(member.id).second);
    out.push_back(std::move(*batch));
    return true;
  };

  const int operations = *rc::gen::inRange(0, 200);
  for (int i = 0; i < operations; ++i) {
    now_us += *rc::gen::inRange<std::uint64_t>(0, 50);
    const int operation = *rc::gen::inRange(0, 100);
    if (operation < 55) {
      const Work work = arbitrary_work(next_id++, limits);
      switch (scheduler.submit(work, now_us)) {
        case Admission::kAccepted:
          RC_ASSERT(!draining);
          accepted.insert(work.id);
          bookkeeper.accepted(work, now_us);
          break;
        case Admission::kQueueFull:
          bookkeeper.refused(work);
          break;
        case Admission::kDraining:
          RC_ASSERT(draining);
          break;
        case Admission::kTooLarge:
          RC_FAIL("work that fits a batch was called too large");
      }
    } else if (operation < 80) {
      take();
    } else if (operation < 90 && next_id > 0) {
      const WorkId id = *rc::gen::inRange<WorkId>(0, next_id);
      const bool waits = accepted.contains(id) && !returned.contains(id);
      RC_ASSERT(scheduler.cancel(id) == waits);
      if (waits) {
        bookkeeper.cancelled(id);
        returned.insert(id);
      }
    } else if (operation < 99) {
      if (!out.empty()) {
        scheduler.complete(out.back());
        out.pop_back();
      }
    } else {
      scheduler.begin_drain();
      draining = true;
    }
    bookkeeper.agrees_with(scheduler);
    RC_ASSERT(scheduler.idle() == (bookkeeper.empty() && out.empty()));
  }

  // What was accepted comes back, each once.
  while (take()) {
  }
  RC_ASSERT(returned == accepted);
  for (const Batch& batch : out) scheduler.complete(batch);
  RC_ASSERT(scheduler.idle());
}

}  // namespace
}  // namespace rekey::scheduler
