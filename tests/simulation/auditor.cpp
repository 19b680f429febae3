// SPDX-License-Identifier: Apache-2.0
#include "simulation/auditor.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace rekey::simulation {
namespace {

using namespace scheduler;

/// Throws unless a promise holds. What is added says what was seen.
template <typename... Seen>
void require(bool holds, const char* promise, const Seen&... seen) {
  if (holds) return;
  std::ostringstream text;
  text << promise;
  ((text << ' ' << seen), ...);
  throw Violation(text.str());
}

std::size_t index(Priority priority) { return static_cast<std::size_t>(priority); }

std::uint64_t effort(const Work& work) { return work.effort == 0 ? work.items : work.effort; }

std::uint64_t effort(const Work& work, std::uint64_t items) {
  return (effort(work) * items + work.items - 1) / work.items;
}

}  // namespace

Auditor::Auditor(const Limits& limits, const Machine& machine, Shares shares)
    : limits_(limits),
      shares_(std::move(shares)),
      slots_(machine.device_slots),
      busy_(slots_.size()),
      beside_(slots_.size()),
      lost_(slots_.size()) {
  for (const EngineSpec& spec : machine.engines) {
    engines_.push_back({spec, spec.serving ? Engine::State::kServing : Engine::State::kOut, 0});
  }
}

// ---- What is told ----

void Auditor::submitted(std::span<const Work> works, const Answer& answer, std::uint64_t now_us) {
  advanced(now_us);
  check_admission(works, answer, now_us);
  if (!answer.accepted()) return;
  for (const Work& work : works) take_on(work, now_us);
}

void Auditor::take_on(const Work& work, std::uint64_t now_us) {
  ++accepted_;
  const std::size_t caller = caller_index(work.caller, now_us);
  Request request{.work = work,
                  .caller = caller,
                  .submitted_us = now_us,
                  .ams = std::vector<Ams>(work.items, Ams::kWaits),
                  .derived_by = std::vector<EngineId>(work.items),
                  .waiting = work.items};
  request.work.caller = {};
  requests_.emplace(work.id, std::move(request));
  for (Holding* holding : {&total_, &callers_[caller].held}) {
    ++holding->requests;
    holding->items += work.items;
    holding->octets += work.octets;
  }
  widest_effort_ = std::max(widest_effort_, effort(work, 1));
}

void Auditor::check_admission(std::span<const Work> works, const Answer& answer,
                              std::uint64_t now_us) {
  Caller& caller = callers_[caller_index(works.front().caller, now_us)];
  const Holding own = caller.held;
  Holding more;
  bool late = false;
  for (const Work& work : works) {
    more.add(work.items, work.octets);
    late = late || work.deadline_us < now_us;
  }
  const bool queue_full = total_.requests + more.requests > limits_.queue_requests ||
                          total_.items + more.items > limits_.queue_items ||
                          total_.octets + more.octets > limits_.queue_octets;
  const auto takes_last_room = [](std::uint64_t held, std::uint64_t all, std::uint64_t added,
                                  std::uint64_t limit) {
    return held + added > limit / 8 && all + added > limit - limit / 8;
  };
  const bool room_is_for_others =
      own.requests > 0 &&
      (takes_last_room(own.requests, total_.requests, more.requests, limits_.queue_requests) ||
       takes_last_room(own.items, total_.items, more.items, limits_.queue_items) ||
       takes_last_room(own.octets, total_.octets, more.octets, limits_.queue_octets));
  const bool caller_full = own.requests + more.requests > limits_.caller_requests ||
                           own.items + more.items > limits_.caller_items ||
                           own.octets + more.octets > limits_.caller_octets || room_is_for_others;
  const bool too_large =
      more.requests > std::min(limits_.queue_requests, limits_.caller_requests) ||
      more.items > std::min(limits_.queue_items, limits_.caller_items) ||
      more.octets > std::min(limits_.queue_octets, limits_.caller_octets);
  switch (answer.admission) {
    case Admission::kAccepted: {
      require(!draining_, "nothing is accepted while draining");
      require(any_serves(), "nothing is accepted without an engine");
      require(!queue_full, "the queue keeps its bounds");
      require(!caller_full, "a caller keeps its bounds:", caller.name);
      require(!late, "what is too late is refused");
      if (caller.share.items_per_s > 0) {
        const double allowed =
            static_cast<double>(std::max<std::uint64_t>(caller.share.burst_items, 1)) +
            static_cast<double>(caller.share.items_per_s) *
                static_cast<double>(now_us - caller.first_us) / 1e6;
        require(static_cast<double>(caller.accepted_items) < allowed,
                "a caller keeps to its rate:", caller.name);
      }
      caller.accepted_items += more.items;
      return;
    }
    case Admission::kQueueFull:
      require(queue_full && answer.retry_us > 0, "the queue is full only at its bounds");
      return;
    case Admission::kCallerFull:
      require(caller_full && answer.retry_us > 0, "a caller is full only at its bounds");
      return;
    case Admission::kRateLimited:
      require(answer.retry_us > 0, "a rate limit says when to come again");
      return;
    case Admission::kTooLarge:
      require(too_large, "only what never fits is too large");
      return;
    case Admission::kTooLate:
      require(late, "only what is late is refused as late");
      return;
    case Admission::kDraining:
      require(draining_, "only a drain refuses as one");
      return;
    case Admission::kNoEngine:
      require(!any_serves() && answer.retry_us > 0, "work is refused only without an engine");
      return;
  }
}

void Auditor::set_limits(const Limits& limits, const Shares& shares, std::uint64_t now_us) {
  limits_ = limits;
  shares_ = shares;
  for (Caller& caller : callers_) {
    const Share before = std::exchange(caller.share, shares_.of(caller.name));
    caller.ahead = {};
    if (caller.share.same_rate(before)) continue;
    caller.first_us = now_us;
    caller.accepted_items = 0;
  }
  remember_who_waits();
}

void Auditor::cancelled(WorkId id, bool gone, std::uint64_t now_us) {
  advanced(now_us);
  const auto found = requests_.find(id);
  if (found == requests_.end()) {
    require(!gone, "what has ended cannot be cancelled:", id);
    return;
  }
  Request& request = found->second;
  require(gone == (request.out == 0), "what is in no engine is gone at once:", id);
  request.cancelled = true;
  if (!gone) return;
  finished({id, Outcome::kCancelled, 0});
  remember_who_waits();
}

void Auditor::taken(const Batch& batch, std::uint64_t now_us) {
  advanced(now_us);
  ++batches_;
  require(!batch.pieces.empty(), "a batch is not empty");
  require(serves(batch.engine), "a batch is for an engine that serves:", batch.engine);
  const std::uint32_t device = engines_[batch.engine].spec.device;
  std::vector<std::uint32_t>& places = batch.beside ? beside_ : busy_;
  require(++places[device] <= slots_[device], "a batch has a slot");
  beside_in_a_row_ = batch.beside ? beside_in_a_row_ + 1 : 0;
  require(beside_in_a_row_ <= kMostBeside, "who reads does not derive too much");
  check_priority(batch.priority);
  std::uint64_t items = 0;
  std::uint64_t octets = 0;
  std::set<WorkId> ids;
  std::vector<double> served(callers_.size());
  for (const Piece& piece : batch.pieces) {
    const double charge = take_piece(batch, piece, now_us);
    served[requests_.at(piece.id).caller] += charge;
    const Work& work = requests_.at(piece.id).work;
    const std::uint64_t widest =
        std::max((work.octets + work.items - 1) / work.items, work.widest_octets);
    octets += std::min(work.octets, widest * piece.items);
    items += piece.items;
    ids.insert(piece.id);
  }
  check_fairness(batch.priority, served);
  require(items == batch.items && items <= limits_.batch_items, "a batch keeps its bounds:", items);
  require(octets <= limits_.batch_octets || items == 1, "a batch keeps its octets:", octets);
  for (const WorkId id : ids) {
    require(ids.size() == 1 || requests_.at(id).failures < limits_.attempts - 1,
            "what may have made batches fail is derived alone:", id);
  }
  const std::uint64_t lost_after_us = engines_[batch.engine].spec.batch_us_max;
  Out out{.batch = batch,
          .quarantines = engines_[batch.engine].quarantines,
          .lost_us = lost_after_us == 0 ? kNever : now_us + lost_after_us};
  require(out_.emplace(batch.id, std::move(out)).second, "a batch's id is its own");
  remember_who_waits();
}

double Auditor::take_piece(const Batch& batch, const Piece& piece, std::uint64_t now_us) {
  const auto found = requests_.find(piece.id);
  require(found != requests_.end(), "only what was accepted and has not ended leaves:", piece.id);
  Request& request = found->second;
  require(request.work.deadline_us >= now_us, "nothing leaves after its deadline:", piece.id);
  require(!request.cancelled && !request.given_up, "nothing given up leaves:", piece.id);
  require(request.work.group == batch.group, "a batch is of one group");
  require(request.work.priority == batch.priority, "a batch is of one priority");
  const auto first = std::ranges::find_if(request.ams, [](Ams ams) { return waits(ams); });
  require(piece.items > 0 && piece.first_item == first - request.ams.begin(),
          "AMSs leave in order:", piece.id, piece.first_item);
  require(piece.first_item + std::uint64_t{piece.items} <= request.ams.size(),
          "a piece ends within its request:", piece.id, piece.first_item, piece.items);
  const auto last = first + piece.items;
  require(std::all_of(first, last, [](Ams ams) { return waits(ams); }),
          "each AMS leaves once:", piece.id, piece.first_item, piece.items);
  // What is done again is not charged.
  const auto fresh = static_cast<std::uint64_t>(std::count(first, last, Ams::kWaits));
  std::fill(first, last, Ams::kOut);
  request.waiting -= piece.items;
  request.out += piece.items;
  if (request.first_out_us == kNever) request.first_out_us = now_us;
  return static_cast<double>(effort(request.work, fresh)) / callers_[request.caller].share.weight;
}

void Auditor::check_priority(Priority priority) {
  if (priority == Priority::kBackground) {
    require(
        !waits(Priority::kHandover) || handover_since_background_ + 1 >= limits_.background_period,
        "background work overtakes only when its turn has come");
    handover_in_a_row_ = 0;
    handover_since_background_ = 0;
    return;
  }
  ++handover_since_background_;
  handover_in_a_row_ = waits(Priority::kBackground) ? handover_in_a_row_ + 1 : 0;
  require(handover_in_a_row_ < limits_.background_period, "background work gets its turn");
}

void Auditor::check_fairness(Priority priority, const std::vector<double>& served) {
  const double step =
      static_cast<double>(std::max<std::uint64_t>(limits_.batch_items, widest_effort_));
  // Virtual times of two flows that wait are never further apart than a batch and one piece: who is
  // further ahead joins no batch. That can be in the other's favour when both begin to wait, and
  // the opposite later: twice as much. The third allows for efforts that are rounded up for each
  // piece. What grows with the number of batches is not allowed for.
  const double most = 3 * (static_cast<double>(limits_.batch_items) + step);
  for (std::size_t i = 0; i < callers_.size(); ++i) {
    for (auto& [other, lead] : callers_[i].ahead[index(priority)]) {
      lead += served[i] - served[other];
      require(lead <= most, "who waits gets its share:", callers_[other].name, "is behind",
              callers_[i].name, "by", lead);
    }
  }
}

void Auditor::completed(BatchId id, BatchOutcome outcome, bool counts, std::uint64_t now_us) {
  const auto found = out_.find(id);
  require(found != out_.end(), "the simulation completes what is out");
  const Out out = found->second;
  out_.erase(found);
  const EngineId engine = out.batch.engine;
  --(out.batch.beside ? beside_ : busy_)[engines_[engine].spec.device];
  if (out.lost) {
    --lost_[engines_[engine].spec.device];
  } else {
    const bool derived = outcome == BatchOutcome::kDone && serves(engine) &&
                         engines_[engine].quarantines == out.quarantines;
    require(counts == derived, "only what a trusted engine did counts:", id);
    const bool failed = outcome == BatchOutcome::kFailed;
    came_back(out, derived, failed || outcome == BatchOutcome::kUnverified);
    const bool to_blame = failed && !engines_[engine].spec.last_resort;
    if (to_blame || outcome == BatchOutcome::kWrong) quarantine(engine);
  }
  advanced(now_us);
}

void Auditor::came_back(const Out& out, bool derived, bool failed) {
  std::set<WorkId> ids;
  for (const Piece& piece : out.batch.pieces) {
    Request& request = requests_.at(piece.id);
    request.out -= piece.items;
    if (!derived) request.waiting += piece.items;
    if (failed && ids.insert(piece.id).second) ++request.failures;
    std::fill_n(request.ams.begin() + piece.first_item, piece.items,
                derived ? Ams::kDone : Ams::kWaitsAgain);
    std::fill_n(request.derived_by.begin() + piece.first_item, piece.items, out.batch.engine);
  }
}

void Auditor::quarantine(EngineId engine) {
  Engine& bad = engines_[engine];
  if (bad.state != Engine::State::kServing) return;
  bad.state = bad.spec.last_resort ? Engine::State::kOut : Engine::State::kQuarantined;
  ++bad.quarantines;
  // What it did and nobody was told yet is done again.
  for (auto& [id, request] : requests_) {
    const bool has_ended = request.waiting == 0 && request.out == 0;
    for (std::size_t i = 0; i < request.ams.size() && !has_ended; ++i) {
      if (request.ams[i] != Ams::kDone || request.derived_by[i] != engine) continue;
      request.ams[i] = Ams::kWaitsAgain;
      ++request.waiting;
    }
  }
}

void Auditor::advanced(std::uint64_t now_us) {
  for (auto& [id, out] : out_) {
    if (out.lost || out.lost_us > now_us) continue;
    out.lost = true;
    ++lost_[engines_[out.batch.engine].spec.device];
    came_back(out, /*derived=*/false, /*failed=*/true);
    quarantine(out.batch.engine);
  }
  if (any_serves()) return;
  for (auto& [id, request] : requests_) request.given_up |= request.waiting > 0;
}

void Auditor::finished(const Finished& finished) {
  const auto found = requests_.find(finished.id);
  require(found != requests_.end(), "each request ends once:", finished.id);
  const Request& request = found->second;
  require(request.out == 0, "nothing of what ended is in an engine:", finished.id);
  switch (finished.outcome) {
    case Outcome::kDone:
      require(request.waiting == 0 && !request.cancelled, "done means every AMS:", finished.id);
      require(finished.queue_us == request.first_out_us - request.submitted_us,
              "the time in the queue is told right:", finished.id);
      break;
    case Outcome::kCancelled:
      require(request.cancelled, "only what was cancelled ends so:", finished.id);
      break;
    case Outcome::kExpired:
      require(request.work.deadline_us != kNever, "only a deadline expires:", finished.id);
      break;
    case Outcome::kFailed:
      require(request.failures >= limits_.attempts, "all attempts are made:", finished.id);
      break;
    case Outcome::kNoEngine:
      require(request.given_up || !any_serves(), "engines serve:", finished.id);
      break;
  }
  for (Holding* holding : {&total_, &callers_[request.caller].held}) {
    --holding->requests;
    holding->items -= request.work.items;
    holding->octets -= request.work.octets;
  }
  ++outcomes_[finished.outcome];
  ++ended_;
  requests_.erase(found);
}

void Auditor::probe_taken(EngineId engine) {
  Engine& probed = engines_[engine];
  require(probed.state == Engine::State::kQuarantined, "only quarantined engines are probed");
  require(++busy_[probed.spec.device] <= slots_[probed.spec.device], "a probe has a slot");
  probed.state = Engine::State::kProbing;
}

void Auditor::probed(EngineId engine, bool passed) {
  Engine& probed = engines_[engine];
  --busy_[probed.spec.device];
  probed.state = passed ? Engine::State::kServing : Engine::State::kQuarantined;
}

void Auditor::settled(const Scheduler& scheduler, std::uint64_t now_us) {
  remember_who_waits();
  require(scheduler.held() == total_, "sums agree");
  const Counts& counts = scheduler.counts();
  require(counts.of(Admission::kAccepted) == accepted_, "what is accepted is counted");
  require(counts.batches == batches_, "batches are counted");
  for (const auto& [outcome, count] : outcomes_) {
    require(counts.of(outcome) == count, "what ends is counted");
  }
  require(scheduler.idle() == requests_.empty(), "idle is when nothing is held");
  if (!waits(Priority::kBackground)) handover_in_a_row_ = 0;
  const bool all_idle = std::ranges::all_of(busy_, [](std::uint32_t busy) { return busy == 0; });
  std::size_t waiting = 0;
  for (const auto& [id, request] : requests_) {
    waiting += request.waiting > 0 ? 1 : 0;
    if (!request.waits(limits_)) continue;
    require(any_serves(), "without an engine nothing waits:", id);
    require(!all_idle, "an idle engine takes what is there:", id);
  }
  for (const auto& [id, request] : requests_) {
    const std::uint64_t deadline_us = request.work.deadline_us;
    if (request.waiting == 0 || request.out > 0 || deadline_us == kNever) continue;
    require(deadline_us >= now_us, "what is late is dropped at once:", id);
    require(scheduler.wake_us() <= deadline_us + 1, "the owner is told when to drop:", id);
  }
  for (const auto& [id, out] : out_) {
    require(out.lost || scheduler.wake_us() <= out.lost_us, "the owner is told of lost batches");
  }
  require(scheduler.waiting_requests() <= waiting, "only what waits is counted as waiting");
}

void Auditor::ended(const Scheduler& scheduler) const {
  require(scheduler.idle() && requests_.empty(), "everything accepted is answered");
  require(ended_ == accepted_, "accepted is what ended");
  require(scheduler.held() == Holding{}, "nothing is held in the end");
  require(scheduler.waiting_requests() == 0, "nothing waits in the end");
}

// ---- What is known ----

std::vector<WorkId> Auditor::alive() const {
  std::vector<WorkId> ids;
  for (const auto& [id, request] : requests_) ids.push_back(id);
  return ids;
}

bool Auditor::serves(EngineId engine) const {
  const std::uint32_t device = engines_[engine].spec.device;
  return engines_[engine].state == Engine::State::kServing && lost_[device] < slots_[device] &&
         std::ranges::none_of(engines_, [](const Engine& e) {
           return e.spec.last_resort && e.state != Engine::State::kServing;
         });
}

bool Auditor::any_serves() const {
  for (EngineId engine = 0; engine < engines_.size(); ++engine) {
    if (serves(engine)) return true;
  }
  return false;
}

bool Auditor::waits(Priority priority) const {
  return std::ranges::any_of(requests_, [&](const auto& entry) {
    return entry.second.work.priority == priority && entry.second.waits(limits_);
  });
}

void Auditor::remember_who_waits() {
  for (Caller& caller : callers_) caller.waits = {};
  for (const auto& [id, request] : requests_) {
    bool& waits = callers_[request.caller].waits[index(request.work.priority)];
    waits = waits || request.waits(limits_);
  }
  for (const Priority priority : kAllPriorities) {
    const std::size_t p = index(priority);
    for (std::size_t i = 0; i < callers_.size(); ++i) {
      for (std::size_t other = 0; other < callers_.size(); ++other) {
        if (i == other) continue;
        if (callers_[i].waits[p] && callers_[other].waits[p]) {
          callers_[i].ahead[p].try_emplace(other, 0.0);
        } else {
          callers_[i].ahead[p].erase(other);
        }
      }
    }
  }
}

std::size_t Auditor::caller_index(std::string_view name, std::uint64_t now_us) {
  const auto found = std::ranges::find(callers_, name, &Caller::name);
  if (found != callers_.end()) return static_cast<std::size_t>(found - callers_.begin());
  callers_.push_back({.name = std::string(name), .share = shares_.of(name), .first_us = now_us});
  return callers_.size() - 1;
}

}  // namespace rekey::simulation
