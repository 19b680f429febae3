// SPDX-License-Identifier: Apache-2.0
#include "scheduler/router.h"

#include <algorithm>
#include <cassert>

namespace rekey::scheduler {
namespace {

constexpr std::uint64_t kTieUs = 20;

}  // namespace

Router::Router(const Limits& limits, const Machine& machine) : limits_(limits) {
  devices_.resize(machine.device_slots.size());
  for (std::size_t i = 0; i < devices_.size(); ++i) devices_[i].slots = machine.device_slots[i];
  for (const EngineSpec& spec : machine.engines) {
    assert(spec.device < devices_.size());
    const State state = spec.serving ? State::kServing : State::kOut;
    engines_.push_back({.spec = spec, .state = state});
  }
  see_last_resorts();
}

std::uint64_t Router::Device::free_at_us(std::uint64_t now_us) const {
  if (free()) return now_us;
  std::uint64_t soonest = kNever;
  for (const Running& batch : running) {
    const std::uint64_t late_us = now_us > batch.expected_us ? now_us - batch.expected_us : 0;
    soonest = std::min(soonest, late_us > 0 ? now_us + late_us : batch.expected_us);
  }
  // Probes alone: known answers take no time that counts.
  return soonest == kNever ? now_us : soonest;
}

void Router::see_last_resorts() {
  distrusted_ = std::ranges::any_of(
      engines_, [](const Engine& e) { return e.spec.last_resort && e.state != State::kServing; });
}

bool Router::any_serves() const {
  for (EngineId engine = 0; engine < engines_.size(); ++engine) {
    if (serves(engine)) return true;
  }
  return false;
}

bool Router::may_be_chosen(EngineId engine) const {
  if (!serves(engine)) return false;
  return !pinned_ || *pinned_ == engine || !serves(*pinned_);
}

std::uint64_t Router::batch_effort(EngineId engine, Profile profile) const {
  const std::uint64_t in_time = cost(engine, profile).effort_within(limits_.batch_us);
  return std::clamp<std::uint64_t>(
      in_time, std::min<std::uint64_t>(kLeastEffort, limits_.batch_items), limits_.batch_items);
}

std::optional<Router::Choice> Router::choose(Profile profile, std::uint64_t effort,
                                             std::uint64_t now_us,
                                             std::uint64_t* out_look_again_us) const {
  *out_look_again_us = kNever;
  EngineId best = 0;
  std::uint64_t best_us = kNever;
  for (EngineId engine = 0; engine < engines_.size(); ++engine) {
    if (!may_be_chosen(engine)) continue;
    const std::uint64_t done_us =
        device(engine).free_at_us(now_us) + cost(engine, profile).predict_us(effort);
    // Engines come fastest kind first: what differs by less than can be foretold is no reason.
    if (done_us < best_us && (best_us == kNever || best_us - done_us > kTieUs)) {
      best = engine;
      best_us = done_us;
    }
  }
  if (best_us == kNever) return std::nullopt;
  if (device(best).free()) return Choice{best, batch_effort(best, profile)};

  std::optional<Choice> other;
  for (EngineId engine = 0; engine < engines_.size(); ++engine) {
    if (!may_be_chosen(engine) || !device(engine).free()) continue;
    const std::uint64_t in_time = cost(engine, profile).effort_within(best_us - now_us);
    if (in_time >= std::min(effort, kLeastEffort) && (!other || in_time > other->effort)) {
      other = Choice{engine, in_time};
    }
    // Worth it once the best engine is so late that this one is sooner.
    const std::uint64_t own_us = cost(engine, profile).predict_us(std::min(effort, kLeastEffort));
    const std::uint64_t late_us = own_us - std::min(own_us, cost(best, profile).predict_us(effort));
    *out_look_again_us =
        std::min(*out_look_again_us, device(best).free_at_us(now_us) + late_us + 1);
  }
  if (other) other->effort = std::min(other->effort, batch_effort(other->engine, profile));
  return other;
}

std::optional<EngineId> Router::beside(Profile profile, std::uint64_t effort) const {
  std::optional<EngineId> best;
  std::uint64_t best_us = kBesideUs + 1;
  for (EngineId engine = 0; engine < engines_.size(); ++engine) {
    if (!may_be_chosen(engine) || spec(engine).batch_us_max > 0) continue;
    if (device(engine).beside.size() + device(engine).lost >= device(engine).slots) continue;
    const std::uint64_t us = cost(engine, profile).predict_us(effort);
    if (us >= best_us) continue;
    best = engine;
    best_us = us;
  }
  return best;
}

void Router::launched(EngineId engine, BatchId batch, Profile profile, std::uint64_t effort,
                      std::uint64_t now_us) {
  Device& on = device(engine);
  assert(on.free());
  on.running.push_back({batch, now_us + cost(engine, profile).predict_us(effort)});
}

void Router::returned(EngineId engine, BatchId batch) {
  std::erase_if(device(engine).running,
                [batch](const Running& running) { return running.batch == batch; });
  std::erase(device(engine).beside, batch);
}

void Router::lost(EngineId engine, BatchId batch) {
  returned(engine, batch);
  ++device(engine).lost;
}

void Router::learn(EngineId engine, Profile profile, std::uint64_t effort, std::uint64_t us) {
  engines_[engine].spec.costs[static_cast<std::size_t>(profile)].learn(effort, us);
}

bool Router::quarantine(EngineId engine, std::uint64_t now_us) {
  Engine& bad = engines_[engine];
  if (bad.state != State::kServing) return false;
  ++bad.quarantines;
  bad.state = bad.spec.last_resort ? State::kOut : State::kQuarantined;
  see_last_resorts();
  const bool soon = bad.rest_us > 0 && now_us - bad.back_at_us < limits_.probe_us_max;
  bad.rest_us = soon ? std::min(bad.rest_us * 2, limits_.probe_us_max) : limits_.probe_us;
  bad.probe_at_us = now_us + bad.rest_us;
  return true;
}

std::optional<EngineId> Router::take_probe(std::uint64_t now_us) {
  for (EngineId id = 0; id < engines_.size(); ++id) {
    Engine& engine = engines_[id];
    Device& on = devices_[engine.spec.device];
    if (engine.state != State::kQuarantined || engine.probe_at_us > now_us || !on.free()) continue;
    engine.state = State::kProbing;
    ++on.probes;
    return id;
  }
  return std::nullopt;
}

void Router::probed(EngineId id, bool passed, std::uint64_t now_us) {
  Engine& engine = engines_[id];
  assert(engine.state == State::kProbing);
  --devices_[engine.spec.device].probes;
  if (passed) {
    engine.state = State::kServing;
    engine.back_at_us = now_us;
    return;
  }
  engine.state = State::kQuarantined;
  engine.rest_us = std::min(engine.rest_us * 2, limits_.probe_us_max);
  engine.probe_at_us = now_us + engine.rest_us;
}

std::uint64_t Router::next_probe_us() const {
  std::uint64_t next = kNever;
  for (const Engine& engine : engines_) {
    if (engine.state == State::kQuarantined && devices_[engine.spec.device].free()) {
      next = std::min(next, engine.probe_at_us);
    }
  }
  return next;
}

bool Router::any_slot_free() const {
  for (EngineId engine = 0; engine < engines_.size(); ++engine) {
    if (may_be_chosen(engine) && device(engine).free()) return true;
  }
  return false;
}

std::uint64_t Router::quickest_us(Profile profile, std::uint64_t effort) const {
  std::uint64_t quickest = kNever;
  for (EngineId engine = 0; engine < engines_.size(); ++engine) {
    if (may_be_chosen(engine)) {
      quickest = std::min(quickest, cost(engine, profile).predict_us(effort));
    }
  }
  return quickest;
}

std::uint64_t Router::drain_us(Profile profile, std::uint64_t effort) const {
  double ams_per_us = 0;
  for (std::uint32_t d = 0; d < devices_.size(); ++d) {
    double best = 0;
    for (EngineId engine = 0; engine < engines_.size(); ++engine) {
      if (!may_be_chosen(engine) || engines_[engine].spec.device != d) continue;
      best = std::max(best, 1 / cost(engine, profile).ams_us());
    }
    ams_per_us += best;
  }
  if (ams_per_us == 0) return kNever;
  return static_cast<std::uint64_t>(static_cast<double>(effort) / ams_per_us);
}

}  // namespace rekey::scheduler
