// SPDX-License-Identifier: Apache-2.0
//
// Octets as operations on the scheduler, watched by the simulator's auditor.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include "fuzz/fuzz_target.h"
#include "fuzz/octets.h"
#include "scheduler/scheduler.h"
#include "simulation/auditor.h"

namespace rekey::fuzz {
namespace {

using namespace scheduler;
using simulation::Auditor;

Limits limits_from(InputOctets& octets) {
  return {.batch_items = octets.between(1, 40),
          .batch_octets = octets.between(20, 200),
          .batch_us = octets.between(1, 100),
          .queue_requests = octets.between(1, 20),
          .queue_items = octets.between(10, 200),
          .queue_octets = 10ULL * octets.between(10, 200),
          .caller_requests = octets.between(1, 20),
          .caller_items = octets.between(10, 200),
          .caller_octets = 10ULL * octets.between(10, 200),
          .background_period = octets.between(1, 8),
          .attempts = octets.between(3, 5),
          .probe_us = octets.between(1, 100),
          .probe_us_max = 400};
}

/// A device with two engines, which lose no batch, and one whose engine may.
Machine machine_from(InputOctets& octets) {
  Machine machine{.device_slots = {octets.between(1, 3), octets.between(1, 2)},
                  .engines = std::vector<EngineSpec>(3)};
  for (EngineSpec& spec : machine.engines) {
    spec.costs.fill(CostModel(octets.between(0, 50), octets.between(0, 40) / 8.0));
  }
  machine.engines[1].device = 1;
  machine.engines[1].batch_us_max = octets.between(1, 200);
  machine.engines[2].last_resort = true;
  return machine;
}

Shares shares_from(InputOctets& octets) {
  return {.each = {},
          .named = {{"b", {.weight = octets.between(1, 50)}},
                    {"c",
                     {.items_per_s = octets.between(1, 200) * 1'000ULL,
                      .burst_items = octets.between(1, 50)}}}};
}

/// Operations does with a scheduler what octets say.
class Operations {
 public:
  explicit Operations(std::span<const std::uint8_t> octets)
      : octets_(octets),
        limits_(limits_from(octets_)),
        machine_(machine_from(octets_)),
        shares_(shares_from(octets_)),
        scheduler_(limits_, machine_, shares_),
        auditor_(limits_, machine_, shares_) {}

  void run() {
    while (!octets_.empty()) {
      one();
      settle();
    }
    // The engines become well, and everything is to be answered.
    scheduler_.begin_drain();
    auditor_.drain_began();
    while (!out_.empty() || !probing_.empty() || !scheduler_.idle()) {
      require(!out_.empty() || !probing_.empty() || scheduler_.wake_us() != kNever,
              "what waits will go on");
      if (!out_.empty()) {
        complete(0, BatchOutcome::kDone);
      } else if (!probing_.empty()) {
        probed(true);
      } else {
        pass_time(std::max(now_us_, scheduler_.wake_us()) - now_us_);
      }
      settle();
    }
    auditor_.ended(scheduler_);
  }

 private:
  void one() {
    switch (octets_.between(0, 7)) {
      case 0:
      case 1:
        submit();
        break;
      case 2:
        pass_time(octets_.next());
        break;
      case 3:
        if (!out_.empty()) complete(octets_.next(), BatchOutcome::kDone);
        break;
      case 4:
        if (!out_.empty()) {
          const std::size_t which = octets_.next();
          complete(which, static_cast<BatchOutcome>(octets_.between(0, 3)));
        }
        break;
      case 5:
        if (next_id_ > 1) cancel(1 + octets_.next() % (next_id_ - 1));
        break;
      case 6:
        if (!probing_.empty()) probed(octets_.between(0, 1) == 1);
        break;
      case 7:
        operate();
        break;
    }
  }

  void operate() {
    switch (octets_.between(0, 15)) {
      case 0:
        scheduler_.begin_drain();
        auditor_.drain_began();
        break;
      case 1:
        set_limits();
        break;
      default:
        scheduler_.pin(octets_.between(0, 2));
    }
  }

  void set_limits() {
    limits_.queue_requests = octets_.between(1, 20);
    limits_.queue_items = octets_.between(10, 200);
    limits_.caller_octets = 10ULL * octets_.between(10, 200);
    shares_ = shares_from(octets_);
    scheduler_.set_limits(limits_, shares_, now_us_);
    auditor_.set_limits(limits_, shares_, now_us_);
  }

  Work work_of(const char* caller, std::uint8_t choice) {
    Work work{.id = next_id_++, .caller = caller};
    work.group.profile = (choice & 4) != 0 ? Profile::kLegacy16e : Profile::k16mDraft;
    work.priority = (choice & 8) != 0 ? Priority::kBackground : Priority::kHandover;
    work.items = octets_.between(1, 60);
    work.octets = std::uint64_t{work.items} * octets_.between(1, 12);
    if ((choice & 16) != 0) work.widest_octets = octets_.between(1, 30);
    if ((choice & 32) != 0) work.effort = std::uint64_t{work.items} * octets_.between(1, 5);
    if ((choice & 64) != 0) work.deadline_us = now_us_ + octets_.next();
    return work;
  }

  void submit() {
    constexpr const char* kCallers[] = {"a", "b", "c"};
    const std::uint8_t choice = octets_.next();
    const char* caller = kCallers[choice % 3];
    std::vector<Work> works = {work_of(caller, choice)};
    if ((choice & 128) != 0) works.push_back(work_of(caller, octets_.next()));
    const Answer answer = works.size() > 1 ? scheduler_.submit_together(works, now_us_)
                                           : scheduler_.submit(works[0], now_us_);
    collect();
    auditor_.submitted(works, answer, now_us_);
  }

  void cancel(WorkId id) {
    const bool gone = scheduler_.cancel(id, now_us_);
    collect();
    auditor_.cancelled(id, gone, now_us_);
  }

  void complete(std::size_t which, BatchOutcome outcome) {
    const auto batch = out_.begin() + static_cast<std::ptrdiff_t>(which % out_.size());
    const BatchId id = *batch;
    out_.erase(batch);
    const bool counts = scheduler_.complete(id, outcome, octets_.next(), now_us_);
    auditor_.completed(id, outcome, counts, now_us_);
  }

  void probed(bool passed) {
    const EngineId engine = probing_.front();
    probing_.pop_front();
    scheduler_.probed(engine, passed, now_us_);
    auditor_.probed(engine, passed);
  }

  /// Time stops wherever the scheduler wants to be woken.
  void pass_time(std::uint64_t us) {
    const std::uint64_t until_us = now_us_ + us;
    for (;;) {
      now_us_ = std::clamp(scheduler_.wake_us(), now_us_, until_us);
      scheduler_.advance(now_us_);
      settle();
      if (now_us_ == until_us) break;
    }
  }

  void collect() {
    auditor_.advanced(now_us_);
    for (const Finished& finished : scheduler_.take_finished()) auditor_.finished(finished);
  }

  void settle() {
    collect();
    while (const auto engine = scheduler_.take_probe(now_us_)) {
      auditor_.probe_taken(*engine);
      probing_.push_back(*engine);
    }
    while (const auto batch = scheduler_.take_batch(now_us_)) {
      collect();
      auditor_.taken(*batch, now_us_);
      scheduler_.detach(batch->id, now_us_);
      out_.push_back(batch->id);
    }
    collect();
    auditor_.settled(scheduler_, now_us_);
  }

  InputOctets octets_;
  Limits limits_;
  const Machine machine_;
  Shares shares_;
  Scheduler scheduler_;
  Auditor auditor_;
  std::deque<BatchId> out_;
  std::deque<EngineId> probing_;
  WorkId next_id_ = 1;
  std::uint64_t now_us_ = 0;
};

}  // namespace
}  // namespace rekey::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    rekey::fuzz::Operations({data, size}).run();
  } catch (const rekey::simulation::Violation& violation) {
    rekey::fuzz::require(false, violation.what());
  }
  return 0;
}
