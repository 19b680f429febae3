// SPDX-License-Identifier: Apache-2.0
#include "simulation/world.h"

#include <algorithm>
#include <utility>

namespace rekey::simulation {
namespace {

using namespace scheduler;

/// More events than any history has: one that goes on is stuck in a circle.
constexpr int kMostEvents = 200'000;

const char* name_of(BatchOutcome outcome) {
  constexpr const char* kNames[] = {"done", "failed", "unverified", "wrong"};
  return kNames[static_cast<std::size_t>(outcome)];
}

const char* name_of(Outcome outcome) {
  constexpr const char* kNames[] = {"done", "cancelled", "expired", "failed", "no engine"};
  return kNames[static_cast<std::size_t>(outcome)];
}

const char* name_of(Admission admission) {
  constexpr const char* kNames[] = {"accepted",  "queue full", "caller full", "rate limited",
                                    "too large", "too late",   "draining",    "no engine"};
  return kNames[static_cast<std::size_t>(admission)];
}

}  // namespace

void Tally::add(const Tally& other) {
  accepted += other.accepted;
  refused += other.refused;
  batches += other.batches;
  probes += other.probes;
  for (const auto& [outcome, count] : other.outcomes) outcomes[outcome] += count;
}

World::World(std::uint64_t seed, std::ostream* trace)
    : chance_(seed), limits_chance_(~seed), trace_(trace) {
  limits_ = draw_limits(chance_);
  draw_callers();
  machine_ = draw_machine();
  scheduler_ = std::make_unique<Scheduler>(limits_, machine_, shares_);
  auditor_ = std::make_unique<Auditor>(limits_, machine_, shares_);
}

// ---- What the world is like ----

Limits World::draw_limits(Chance& chance) {
  Limits limits;
  limits.batch_items = static_cast<std::uint32_t>(chance.spread(1, 20'000));
  limits.batch_octets = chance.spread(200, 4'000'000);
  limits.batch_us = chance.spread(10, 5'000);
  limits.queue_requests = static_cast<std::uint32_t>(chance.spread(1, 200));
  limits.queue_items = chance.spread(1'000, 200'000);
  limits.queue_octets = limits.queue_items * chance.between(50, 400);
  limits.caller_requests = static_cast<std::uint32_t>(chance.between(1, limits.queue_requests));
  limits.caller_items = chance.between(1, limits.queue_items);
  limits.caller_octets = chance.between(1, limits.queue_octets);
  limits.background_period = static_cast<std::uint32_t>(chance.between(1, 8));
  limits.attempts = static_cast<std::uint32_t>(chance.between(3, 4));
  limits.probe_us = chance.spread(100, 50'000);
  limits.probe_us_max = limits.probe_us * chance.between(1, 8);
  return limits;
}

Machine World::draw_machine() {
  Machine machine;
  const std::uint64_t devices = chance_.between(1, 3);
  for (std::uint64_t i = 0; i < devices; ++i) {
    machine.device_slots.push_back(static_cast<std::uint32_t>(chance_.between(1, 3)));
  }
  const std::uint64_t engines = chance_.between(1, 4);
  for (std::uint64_t i = 0; i < engines; ++i) {
    EngineSpec spec;
    spec.device = static_cast<std::uint32_t>(chance_.between(0, devices - 1));
    spec.serving = !chance_.once_in(20);
    spec.last_resort = i + 1 == engines && !chance_.once_in(4);
    // A last resort that is out from the start would leave nothing to see.
    spec.serving |= spec.last_resort;
    if (!spec.last_resort && chance_.once_in(2)) spec.batch_us_max = chance_.spread(2'000, 200'000);
    const auto fixed_us = static_cast<double>(chance_.spread(1, 500));
    const double ams_us = 1.0 / static_cast<double>(chance_.spread(1, 1'000));
    engines_.push_back({.truth = CostModel(fixed_us, ams_us)});
    // A calibration may be far off.
    const double off = static_cast<double>(chance_.spread(1, 64)) / 8;
    spec.costs.fill(CostModel(fixed_us * off, ams_us * off));
    machine.engines.push_back(spec);
  }
  return machine;
}

void World::draw_callers() {
  const std::uint64_t callers = chance_.between(1, 6);
  for (std::uint64_t i = 0; i < callers; ++i) {
    Caller caller{.name = "caller-" + std::to_string(i)};
    // Some requests are larger than they may be.
    const std::uint64_t items_max = std::min<std::uint64_t>(limits_.caller_items * 2, 10'000);
    caller.items_max = static_cast<std::uint32_t>(chance_.spread(1, items_max));
    caller.requests_at_once =
        static_cast<std::uint32_t>(chance_.once_in(3) ? chance_.between(5, 40) : 1);
    caller.period_us = chance_.spread(300, 10'000);
    if (chance_.once_in(2)) caller.patience_us = chance_.spread(1, 30'000);
    if (chance_.once_in(2)) {
      caller.cancels_once_in = static_cast<std::uint32_t>(chance_.between(2, 20));
    }
    if (chance_.once_in(2)) {
      shares_.named.emplace(caller.name, draw_share(chance_));
    }
    callers_.push_back(std::move(caller));
  }
}

Share World::draw_share(Chance& chance) {
  Share share{.weight = static_cast<std::uint32_t>(chance.spread(1, 50))};
  if (chance.once_in(2)) {
    share.items_per_s = chance.spread(1, 10'000'000);
    share.burst_items = chance.spread(1, 10'000);
  }
  return share;
}

// ---- Time ----

void World::at(std::uint64_t when_us, Action action) {
  events_.push({when_us, next_order_++, std::move(action)});
}

Tally World::run() {
  end_us_ = chance_.spread(2'000, 20'000);
  for (std::size_t i = 0; i < callers_.size(); ++i) {
    at(chance_.between(0, callers_[i].period_us), [this, i] { act(i); });
  }
  for (std::uint64_t i = chance_.between(0, 8); i > 0; --i) {
    at(chance_.between(0, end_us_), [this] { change_health(); });
  }
  if (chance_.once_in(3)) {
    at(chance_.between(0, end_us_), [this] {
      note("drain begins");
      scheduler_->begin_drain();
      auditor_->drain_began();
    });
  }
  if (chance_.once_in(4)) {
    at(chance_.between(0, end_us_), [this] {
      const auto engine = static_cast<EngineId>(chance_.between(0, engines_.size() - 1));
      note("engine", engine, "is pinned");
      scheduler_->pin(engine);
    });
  }
  if (limits_chance_.once_in(4)) {
    at(limits_chance_.between(0, end_us_), [this] { change_limits(); });
  }
  at(end_us_, [this] { heal_all(); });

  for (int events = 0;; ++events) {
    if (events == kMostEvents) throw Violation("a history comes to an end");
    const std::uint64_t wake_us = scheduler_->wake_us();
    const std::uint64_t event_us = events_.empty() ? kNever : events_.top().at_us;
    if (wake_us == kNever && event_us == kNever) break;
    // Engines that never pass their probe are probed for ever.
    if (event_us == kNever && wake_us > end_us_ && scheduler_->idle()) break;
    if (wake_us < event_us) {
      now_us_ = std::max(now_us_, wake_us);
      note("wakes");
      scheduler_->advance(now_us_);
      auditor_->advanced(now_us_);
    } else {
      const Event event = events_.top();
      events_.pop();
      now_us_ = event.at_us;
      event.action();
    }
    settle();
  }
  auditor_->ended(*scheduler_);
  tally_.accepted = auditor_->accepted();
  tally_.batches = auditor_->batches();
  tally_.outcomes = auditor_->outcomes();
  return tally_;
}

void World::collect() {
  auditor_->advanced(now_us_);
  for (const Finished& finished : scheduler_->take_finished()) {
    note("request", finished.id, "ends:", name_of(finished.outcome));
    auditor_->finished(finished);
  }
}

void World::settle() {
  collect();
  while (const std::optional<EngineId> engine = scheduler_->take_probe(now_us_)) probe(*engine);
  while (const std::optional<Batch> batch = scheduler_->take_batch(now_us_)) {
    collect();
    launch(*batch);
  }
  collect();
  auditor_->settled(*scheduler_, now_us_);
}

// ---- Engines ----

void World::launch(const Batch& batch) {
  note("batch", batch.id, "on engine", batch.engine, "priority", static_cast<int>(batch.priority),
       "AMSs", batch.items);
  for (const Piece& piece : batch.pieces) {
    note("  request", piece.id, "from", piece.first_item, "AMSs", piece.items);
  }
  auditor_->taken(batch, now_us_);
  scheduler_->detach(batch.id, now_us_);
  Engine& engine = engines_[batch.engine];
  std::uint64_t took_us = engine.truth.predict_us(batch.effort);
  took_us = took_us * chance_.between(8, 14) / 10 + 1;
  BatchOutcome outcome = BatchOutcome::kDone;
  switch (engine.health) {
    case Health::kWell:
      break;
    case Health::kSlow:
      took_us *= chance_.between(2, 100);
      break;
    case Health::kDead:
      outcome = BatchOutcome::kFailed;
      break;
    case Health::kLying:
      // Not every lie is found.
      if (chance_.once_in(3)) outcome = BatchOutcome::kWrong;
      if (chance_.once_in(9)) outcome = BatchOutcome::kUnverified;
      break;
    case Health::kLosing:
      if (machine_.engines[batch.engine].batch_us_max > 0) {
        engine.lost.push_back(batch.id);
        return;
      }
      break;
  }
  after(took_us, [this, id = batch.id, outcome, took_us] { complete(id, outcome, took_us); });
}

void World::complete(BatchId id, BatchOutcome outcome, std::uint64_t took_us) {
  note("batch", id, "comes back:", name_of(outcome));
  const bool counts = scheduler_->complete(id, outcome, took_us, now_us_);
  auditor_->completed(id, outcome, counts, now_us_);
}

void World::probe(EngineId engine) {
  note("engine", engine, "is probed");
  ++tally_.probes;
  auditor_->probe_taken(engine);
  after(chance_.spread(1, 2'000), [this, engine] {
    const Health health = engines_[engine].health;
    const bool passes = health == Health::kWell || health == Health::kSlow ||
                        (health == Health::kLying && chance_.once_in(2));
    note("engine", engine, passes ? "passes" : "fails");
    scheduler_->probed(engine, passes, now_us_);
    auditor_->probed(engine, passes);
  });
}

void World::change_health() {
  const std::size_t id = chance_.between(0, engines_.size() - 1);
  Engine& engine = engines_[id];
  engine.health = static_cast<Health>(chance_.between(0, 4));
  // A last resort that lies ends service: seldom, so that there is more to see.
  const bool last_resort = machine_.engines[id].last_resort;
  if (last_resort && engine.health == Health::kLying && !chance_.once_in(4)) {
    engine.health = Health::kWell;
  }
  note("engine", id, "health", static_cast<int>(engine.health));
  // What was lost may turn up after all.
  if (engine.health != Health::kLosing) {
    for (const BatchId lost : std::exchange(engine.lost, {})) {
      if (chance_.once_in(4)) continue;
      after(chance_.spread(1, 1'000), [this, lost] { complete(lost, BatchOutcome::kDone, 1); });
    }
  }
}

void World::change_limits() {
  const Limits limits = draw_limits(limits_chance_);
  limits_.queue_requests = limits.queue_requests;
  limits_.queue_items = limits.queue_items;
  limits_.queue_octets = limits.queue_octets;
  limits_.caller_requests = limits.caller_requests;
  limits_.caller_items = limits.caller_items;
  limits_.caller_octets = limits.caller_octets;
  for (const Caller& caller : callers_) {
    if (!limits_chance_.once_in(2)) continue;
    shares_.named.insert_or_assign(caller.name, draw_share(limits_chance_));
  }
  note("limits change");
  // What is drawn for batches stays as it was.
  scheduler_->set_limits(limits, shares_, now_us_);
  auditor_->set_limits(limits_, shares_, now_us_);
}

void World::heal_all() {
  for (Engine& engine : engines_) engine.health = Health::kWell;
}

// ---- Callers ----

void World::act(std::size_t index) {
  Caller& caller = callers_[index];
  if (now_us_ >= end_us_) return;
  for (std::uint64_t i = chance_.between(1, caller.requests_at_once); i > 0; --i) submit(caller);
  if (caller.cancels_once_in > 0 && !caller.sent.empty() &&
      chance_.once_in(caller.cancels_once_in)) {
    if (chance_.once_in(4)) {
      note(caller.name, "vanishes");
      for (const WorkId id : caller.sent) cancel(id);
    } else {
      cancel(caller.sent[chance_.between(0, caller.sent.size() - 1)]);
    }
  }
  after(chance_.spread(1, caller.period_us), [this, index] { act(index); });
}

Work World::work_of(const Caller& caller) {
  Work work{.id = next_id_++, .caller = caller.name};
  work.group.profile = kAllProfiles[chance_.between(0, chance_.between(0, 2))];
  work.group.tek_counter_count = static_cast<std::uint8_t>(chance_.between(1, 2));
  work.items = static_cast<std::uint32_t>(chance_.spread(1, caller.items_max));
  const std::uint64_t ams_octets = chance_.between(50, 200);
  work.octets = work.items * ams_octets;
  if (chance_.once_in(4)) work.widest_octets = ams_octets * chance_.between(1, 3);
  if (chance_.once_in(4)) work.effort = work.items * chance_.between(1, 4);
  if (chance_.once_in(3)) work.priority = Priority::kBackground;
  if (caller.patience_us > 0) {
    // Some are late already when they arrive.
    const std::uint64_t from_us =
        chance_.once_in(50) ? now_us_ - std::min(now_us_, caller.patience_us + 1) : now_us_;
    work.deadline_us = from_us + chance_.between(0, caller.patience_us);
  }
  return work;
}

void World::submit(Caller& caller) {
  std::vector<Work> works(chance_.once_in(16) ? chance_.between(2, 4) : 1);
  std::uint32_t items = 0;
  for (Work& work : works) {
    work = work_of(caller);
    items += work.items;
  }
  scheduler_->advance(now_us_);
  collect();
  const Answer preview = scheduler_->preview(caller.name, items, now_us_);
  // Every other one may be handed out at once.
  std::optional<Batch> batch;
  const Answer answer =
      works.size() > 1
          ? scheduler_->submit_together(works, now_us_)
          : scheduler_->submit(works[0], now_us_, works[0].id % 2 == 0 ? &batch : nullptr);
  for (const Work& work : works) {
    note(caller.name, works.size() > 1 ? "asks together:" : "asks:", work.id, "AMSs", work.items,
         "priority", static_cast<int>(work.priority), "deadline", work.deadline_us, "-",
         name_of(answer.admission));
  }
  auditor_->submitted(works, answer, now_us_);
  if (answer.accepted() && !preview.accepted()) {
    throw Violation("a preview refuses only what is refused");
  }
  if (!answer.accepted()) {
    ++tally_.refused;
    return;
  }
  for (const Work& work : works) caller.sent.push_back(work.id);
  while (caller.sent.size() > 50) caller.sent.erase(caller.sent.begin());
  if (batch) launch(*batch);
}

void World::cancel(WorkId id) {
  const bool gone = scheduler_->cancel(id, now_us_);
  note("request", id, gone ? "is cancelled" : "is cancelled, as far as possible");
  collect();
  auditor_->cancelled(id, gone, now_us_);
}

}  // namespace rekey::simulation
