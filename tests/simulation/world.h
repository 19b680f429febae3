// SPDX-License-Identifier: Apache-2.0
//
// One history: engines and callers that behave badly by chance, around a scheduler, under a fake
// clock. The seed decides everything.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <queue>
#include <string>
#include <vector>

#include "scheduler/scheduler.h"
#include "simulation/auditor.h"
#include "simulation/chance.h"

namespace rekey::simulation {

/// Tally is what a history saw, so that a run can tell whether it tried what it should.
struct Tally {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t batches = 0;
  std::uint64_t probes = 0;
  std::map<scheduler::Outcome, std::uint64_t> outcomes{};

  void add(const Tally& other);
};

/// World runs one history. Throws Violation when the scheduler breaks a promise.
class World {
 public:
  /// `trace` gets a line for each event; null: none.
  World(std::uint64_t seed, std::ostream* trace);

  Tally run();

 private:
  /// How an engine is at present.
  enum class Health : std::uint8_t { kWell, kSlow, kDead, kLying, kLosing };
  struct Engine {
    Health health = Health::kWell;
    scheduler::CostModel truth;  ///< what it takes, which its cost model need not know
    std::vector<scheduler::BatchId> lost{};
  };
  struct Caller {
    std::string name;
    std::uint32_t items_max = 1;
    std::uint32_t requests_at_once = 1;  ///< a caller that floods has many
    std::uint64_t period_us = 1;
    std::uint64_t patience_us = 0;  ///< its deadlines; 0: it has none
    std::uint32_t cancels_once_in = 0;
    std::vector<scheduler::WorkId> sent{};
  };
  using Action = std::function<void()>;
  struct Event {
    std::uint64_t at_us;
    std::uint64_t order;
    Action action;
    bool operator>(const Event& other) const {
      return at_us != other.at_us ? at_us > other.at_us : order > other.order;
    }
  };

  static scheduler::Limits draw_limits(Chance& chance);
  static scheduler::Share draw_share(Chance& chance);
  scheduler::Machine draw_machine();
  void draw_callers();

  void at(std::uint64_t when_us, Action action);
  void after(std::uint64_t us, Action action) { at(now_us_ + us, std::move(action)); }
  void collect();
  void settle();
  void launch(const scheduler::Batch& batch);
  void complete(scheduler::BatchId id, scheduler::BatchOutcome outcome, std::uint64_t took_us);
  void probe(scheduler::EngineId engine);
  void act(std::size_t caller);
  scheduler::Work work_of(const Caller& caller);
  void submit(Caller& caller);
  void cancel(scheduler::WorkId id);
  void change_health();
  void change_limits();
  void heal_all();

  template <typename... Parts>
  void note(const Parts&... parts) {
    if (trace_ == nullptr) return;
    *trace_ << now_us_ << " us:";
    ((*trace_ << ' ' << parts), ...);
    *trace_ << '\n';
  }

  Chance chance_;
  Chance limits_chance_;  ///< when and what change_limits() changes
  std::ostream* trace_;
  std::uint64_t now_us_ = 0;
  std::uint64_t end_us_ = 0;  ///< no caller or engine starts anything after it
  scheduler::Limits limits_;
  scheduler::Shares shares_;
  scheduler::Machine machine_;
  std::vector<Engine> engines_;
  std::vector<Caller> callers_;
  std::unique_ptr<scheduler::Scheduler> scheduler_;
  std::unique_ptr<Auditor> auditor_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t next_order_ = 0;
  scheduler::WorkId next_id_ = 1;
  Tally tally_;
};

}  // namespace rekey::simulation
