// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduler.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rekey::scheduler {
namespace {

/// While others wait for the same batch, nobody adds more than this to it at a time.
constexpr std::uint64_t kTurnEffort = 4'096;
/// From this many failures on a request is derived alone, so that it can only fail itself.
constexpr std::uint32_t kFailuresInCompany = 2;
/// The last of so many parts of the queue is for callers that hold no more than such a part.
constexpr std::uint64_t kQueueParts = 8;
constexpr std::uint64_t kRetryUsMin = 1'000;
constexpr std::uint64_t kRetryUsMax = 10'000'000;

/// Whether `own` of `all` that is held may become `more` without taking room that is kept for
/// others.
bool leaves_room(std::uint64_t own, std::uint64_t all, std::uint64_t more, std::uint64_t limit) {
  const std::uint64_t part = limit / kQueueParts;
  return own + more <= part || all + more <= limit - part;
}

}  // namespace

Scheduler::Scheduler(const Limits& limits, const Machine& machine, Shares shares)
    : limits_(limits),
      router_(limits_, machine),
      callers_(std::move(shares)),
      backlog_(limits_.batch_items) {}

void Scheduler::set_limits(const Limits& limits, Shares shares, std::uint64_t now_us) {
  limits_.queue_requests = limits.queue_requests;
  limits_.queue_items = limits.queue_items;
  limits_.queue_octets = limits.queue_octets;
  limits_.caller_requests = limits.caller_requests;
  limits_.caller_items = limits.caller_items;
  limits_.caller_octets = limits.caller_octets;
  callers_.set_shares(std::move(shares), now_us);
}

// ---- Admission ----

Answer Scheduler::preview(std::string_view caller, std::uint32_t items,
                          std::uint64_t now_us) const {
  return admit(callers_.find(caller), {.requests = 1, .items = items}, Profile::k16mDraft, now_us);
}

Answer Scheduler::admit(const Caller* caller, const Holding& more, Profile profile,
                        std::uint64_t now_us) const {
  if (draining_) return {Admission::kDraining};
  if (!router_.any_serves()) return refuse(Admission::kNoEngine, profile, 0);
  if (more.requests > limits_.queue_requests || more.requests > limits_.caller_requests ||
      more.items > limits_.queue_items || more.items > limits_.caller_items ||
      more.octets > limits_.queue_octets || more.octets > limits_.caller_octets) {
    return {Admission::kTooLarge};
  }
  const Holding own = caller == nullptr ? Holding{} : caller->held;
  if (own.requests + more.requests > limits_.caller_requests ||
      own.items + more.items > limits_.caller_items ||
      own.octets + more.octets > limits_.caller_octets) {
    return refuse(Admission::kCallerFull, profile, own.items * callers_.active());
  }
  const Holding& all = callers_.held();
  if (all.requests + more.requests > limits_.queue_requests ||
      all.items + more.items > limits_.queue_items ||
      all.octets + more.octets > limits_.queue_octets) {
    return refuse(Admission::kQueueFull, profile, backlog_.waiting_effort());
  }
  // Whoever holds nothing may have all of the queue, or a large request would never fit.
  if (own.requests > 0 &&
      (!leaves_room(own.requests, all.requests, more.requests, limits_.queue_requests) ||
       !leaves_room(own.items, all.items, more.items, limits_.queue_items) ||
       !leaves_room(own.octets, all.octets, more.octets, limits_.queue_octets))) {
    return refuse(Admission::kCallerFull, profile, own.items * callers_.active());
  }
  if (caller != nullptr && caller->bucket) {
    const std::uint64_t wait_us = caller->bucket->wait_us(now_us);
    if (wait_us > 0) return {Admission::kRateLimited, std::max(wait_us, kRetryUsMin)};
  }
  return {};
}

Answer Scheduler::refuse(Admission admission, Profile profile, std::uint64_t effort) const {
  // Room comes with every batch, so half of what is in the way is enough to wait for.
  return {admission, std::clamp(router_.drain_us(profile, effort / 2), kRetryUsMin, kRetryUsMax)};
}

Answer Scheduler::let_in(std::span<const Work> works, std::uint64_t now_us) {
  advance(now_us);
  Holding more;
  bool late = false;
  for (const Work& work : works) {
    assert(work.items > 0 && "an empty request is answered without an engine");
    assert(!requests_.contains(work.id));
    more.add(work.items, work.octets);
    late = late || work.deadline_us < now_us;
  }
  const Work& first = works.front();
  const Answer answer = late
                            ? Answer{Admission::kTooLate}
                            : admit(callers_.find(first.caller), more, first.group.profile, now_us);
  // One refusal, or as many requests as will end.
  counts_.admissions[static_cast<std::size_t>(answer.admission)] +=
      answer.accepted() ? works.size() : 1;
  return answer;
}

Request& Scheduler::accept(const Work& work, std::uint64_t now_us) {
  Caller& caller = callers_.admit(work.caller, work.items, work.octets, now_us, backlog_.vtimes());
  if (caller.bucket) caller.bucket->take(work.items, now_us);
  Group& group = backlog_.group(work.group);
  return requests_.try_emplace(work.id, work, next_arrival_++, now_us, &caller, &group)
      .first->second;
}

Answer Scheduler::submit(const Work& work, std::uint64_t now_us, std::optional<Batch>* out_batch) {
  const Answer answer = let_in({&work, 1}, now_us);
  if (!answer.accepted()) return answer;
  Request& request = accept(work, now_us);
  if (out_batch != nullptr) *out_batch = take_whole(request, now_us);
  if (out_batch != nullptr && !*out_batch) *out_batch = take_beside(request, now_us);
  if (out_batch == nullptr || !*out_batch) enqueue(request, now_us);
  return {};
}

Answer Scheduler::submit_together(std::span<const Work> works, std::uint64_t now_us) {
  const Answer answer = let_in(works, now_us);
  if (!answer.accepted()) return answer;
  for (const Work& work : works) enqueue(accept(work, now_us), now_us);
  return {};
}

// ---- Batches ----

Priority Scheduler::next_priority() {
  if (backlog_.empty(Priority::kBackground)) {
    handover_batches_in_a_row_ = 0;
    return Priority::kHandover;
  }
  return background_is_due() || backlog_.empty(Priority::kHandover) ? Priority::kBackground
                                                                    : Priority::kHandover;
}

std::optional<Batch> Scheduler::take_whole(Request& request, std::uint64_t now_us) {
  if (!backlog_.empty()) return std::nullopt;
  const Work& work = request.work();
  std::uint64_t look_again_us = kNever;
  const std::optional<Router::Choice> choice =
      router_.choose(work.group.profile, work.effort, now_us, &look_again_us);
  if (!choice || work.effort > choice->effort || !fits_batch(work)) return std::nullopt;
  look_again_us_ = kNever;
  handover_batches_in_a_row_ = 0;
  return launch_whole(request, choice->engine, false, now_us);
}

std::optional<Batch> Scheduler::take_beside(Request& request, std::uint64_t now_us) {
  const Work& work = request.work();
  // Where nothing waits yet it is next as soon as the engine is free.
  if (backlog_.empty()) return std::nullopt;
  if (beside_in_a_row_ >= kMostBeside || !backlog_.is_next(request) || !fits_batch(work)) {
    return std::nullopt;
  }
  const bool handover = work.priority == Priority::kHandover;
  const bool background_waits = !backlog_.empty(Priority::kBackground);
  if (handover && background_waits && background_is_due()) return std::nullopt;
  if (!handover && !backlog_.empty(Priority::kHandover)) return std::nullopt;
  const std::optional<EngineId> engine = router_.beside(work.group.profile, work.effort);
  if (!engine) return std::nullopt;
  handover_batches_in_a_row_ = handover && background_waits ? handover_batches_in_a_row_ + 1 : 0;
  ++beside_in_a_row_;
  return launch_whole(request, *engine, true, now_us);
}

Batch Scheduler::launch_whole(Request& request, EngineId engine, bool beside,
                              std::uint64_t now_us) {
  const Work& work = request.work();
  backlog_.passed_by(request, work.effort);
  Batch batch{.id = next_batch_++,
              .engine = engine,
              .group = work.group,
              .priority = work.priority,
              .pieces = {request.hand_out(work.items, now_us)},
              .items = work.items,
              .effort = work.effort,
              .beside = beside};
  launch(batch, now_us);
  return batch;
}

std::optional<Batch> Scheduler::take_batch(std::uint64_t now_us) {
  advance(now_us);
  look_again_us_ = kNever;
  if (backlog_.empty()) return std::nullopt;
  const Priority priority = next_priority();
  const Request& first = backlog_.first(priority);
  const std::optional<Router::Choice> choice =
      router_.choose(first.work().group.profile, backlog_.waiting_effort(first.group(), priority),
                     now_us, &look_again_us_);
  if (!choice) return std::nullopt;
  if (priority == Priority::kBackground) {
    handover_batches_in_a_row_ = 0;
  } else if (!backlog_.empty(Priority::kBackground)) {
    ++handover_batches_in_a_row_;
  }

  Batch batch{.id = next_batch_++,
              .engine = choice->engine,
              .group = first.work().group,
              .priority = priority};
  fill(&batch, choice->effort, now_us);
  launch(batch, now_us);
  return batch;
}

void Scheduler::launch(const Batch& batch, std::uint64_t now_us) {
  const Profile profile = batch.group.profile;
  Out out{.id = batch.id,
          .engine = batch.engine,
          .quarantines = router_.quarantines(batch.engine),
          .beside = batch.beside,
          .profile = profile,
          .effort = batch.effort,
          .pieces = batch.pieces};
  ++counts_.batches;
  if (batch.beside) {
    router_.launched_beside(batch.engine, batch.id);
  } else {
    beside_in_a_row_ = 0;
    router_.launched(batch.engine, batch.id, profile, batch.effort, now_us);
  }
  out_.push_back(std::move(out));
}

void Scheduler::fill(Batch* batch, std::uint64_t room, std::uint64_t now_us) {
  const Priority priority = batch->priority;
  const CostModel& cost = router_.cost(batch->engine, batch->group.profile);
  std::uint64_t octets = 0;
  Request* next = &backlog_.first(priority);
  Group& group = next->group();
  bool alone = false;
  for (; next != nullptr; next = backlog_.next_of(group, priority)) {
    Request& request = *next;
    const bool joins = !batch->pieces.empty() && batch->pieces.back().id != request.id();
    const bool suspect = request.failures() >= kFailuresInCompany;
    if (joins && (suspect || alone)) break;
    alone = suspect;
    const std::uint32_t items = piece_items(request, *batch, room, octets);
    if (items == 0) break;
    const bool again = request.next_is_again();
    const std::uint64_t effort = request.effort_of(items);
    const Piece piece = request.hand_out(items, now_us);
    Piece* last = batch->pieces.empty() ? nullptr : &batch->pieces.back();
    if (last != nullptr && last->id == piece.id &&
        last->first_item + last->items == piece.first_item) {
      last->items += piece.items;
    } else {
      batch->pieces.push_back(piece);
    }
    batch->items += items;
    batch->effort += effort;
    octets += request.octets_of(items);
    // What is in the batch, and in time, is not made late by what joins it.
    const std::uint64_t deadline_us = request.work().deadline_us;
    if (deadline_us != kNever && now_us + cost.predict_us(batch->effort) <= deadline_us) {
      room = std::min(room, cost.effort_within(deadline_us - now_us));
    }
    launch_by_.erase({request.launch_by_us, request.id()});
    if (request.waiting() > 0) set_launch_by(request, now_us);
    backlog_.served(request, effort, !again);
  }
}

std::uint32_t Scheduler::piece_items(const Request& request, const Batch& batch, std::uint64_t room,
                                     std::uint64_t octets) const {
  const std::uint64_t left = room - std::min(room, batch.effort);
  const bool first = batch.pieces.empty();
  if (left == 0 && !first) return 0;
  std::uint64_t effort = left;
  if (!backlog_.alone(request.group(), batch.priority)) effort = std::min(effort, kTurnEffort);
  const std::uint64_t octets_left = limits_.batch_octets - std::min(limits_.batch_octets, octets);
  const auto items_left = static_cast<std::uint32_t>(limits_.batch_items - batch.items);
  const std::uint32_t run = std::min(request.next_run(), items_left);
  std::uint32_t items = std::min(request.items_within(effort, octets_left), run);
  const bool cut = items < request.next_run();
  // A sliver costs more than it moves.
  if (cut && !first && request.effort_of(items) < kLeastEffort) items = 0;
  if (items == 0 && first) items = 1;
  return items;
}

Scheduler::Out* Scheduler::find_out(BatchId id) {
  const auto found = std::ranges::find(out_, id, &Out::id);
  return found == out_.end() ? nullptr : &*found;
}

Scheduler::Out Scheduler::take_out(BatchId id) {
  Out* found = find_out(id);
  assert(found != nullptr);
  std::swap(*found, out_.back());
  Out out = std::move(out_.back());
  out_.pop_back();
  return out;
}

void Scheduler::detach(BatchId id, std::uint64_t now_us) {
  Out& out = *find_out(id);
  const std::uint64_t most_us = router_.spec(out.engine).batch_us_max;
  if (most_us == 0) return;
  out.lost_us = now_us + most_us;
  lost_by_.emplace(out.lost_us, id);
}

bool Scheduler::attach(BatchId id) {
  Out* out = find_out(id);
  if (out == nullptr) return false;
  lost_by_.erase({out->lost_us, id});
  out->lost_us = kNever;
  return true;
}

bool Scheduler::complete(BatchId id, BatchOutcome outcome, std::uint64_t engine_us,
                         std::uint64_t now_us) {
  if (const auto late = lost_.find(id); late != lost_.end()) {
    router_.came_late(late->second);
    lost_.erase(late);
    advance(now_us);
    return false;
  }
  const Out out = take_out(id);
  lost_by_.erase({out.lost_us, id});
  router_.returned(out.engine, id);
  const bool trusted =
      router_.serves(out.engine) && router_.quarantines(out.engine) == out.quarantines;
  const bool derived = outcome == BatchOutcome::kDone && trusted;
  // What went beside another batch shared a core with it.
  if (derived && !out.beside) router_.learn(out.engine, out.profile, out.effort, engine_us);
  const bool failed = outcome == BatchOutcome::kFailed;
  give_back(out, derived, failed || outcome == BatchOutcome::kUnverified, now_us);
  const bool to_blame = failed && !router_.spec(out.engine).last_resort;
  if (to_blame || outcome == BatchOutcome::kWrong) quarantine(out.engine, now_us);
  advance(now_us);
  return derived;
}

void Scheduler::give_back(const Out& out, bool derived, bool failed, std::uint64_t now_us) {
  // Backwards, so that the pieces of one request leave again in its order.
  for (auto piece = out.pieces.rbegin(); piece != out.pieces.rend(); ++piece) {
    Request& request = requests_.at(piece->id);
    if (derived) {
      request.derived(*piece, out.engine);
    } else {
      request.came_back(*piece);
    }
    if (failed) request.failed_in(out.id);
    if (request.ended) {
      request.give_up();
      if (request.out() == 0) finish(request, *request.ended, now_us);
    } else if (derived) {
      if (request.done()) finish(request, Outcome::kDone, now_us);
    } else {
      requeue(request, now_us);
      if (request.failures() >= limits_.attempts) end(request, Outcome::kFailed, now_us);
    }
  }
}

// ---- Engines ----

void Scheduler::quarantine(EngineId engine, std::uint64_t now_us) {
  if (!router_.quarantine(engine, now_us)) return;
  std::vector<WorkId> ids;
  for (const auto& [id, request] : requests_) ids.push_back(id);
  std::ranges::sort(ids);
  for (const WorkId id : ids) {
    Request& request = requests_.at(id);
    if (request.ended) continue;
    if (!request.distrust(engine)) continue;
    requeue(request, now_us);
  }
  if (!router_.any_serves()) refuse_waiting_without_engine(now_us);
}

void Scheduler::refuse_waiting_without_engine(std::uint64_t now_us) {
  while (!backlog_.empty()) {
    const Priority priority =
        backlog_.empty(Priority::kHandover) ? Priority::kBackground : Priority::kHandover;
    end(backlog_.first(priority), Outcome::kNoEngine, now_us);
  }
}

// ---- Time ----

void Scheduler::advance(std::uint64_t now_us) {
  while (!lost_by_.empty() && lost_by_.begin()->first <= now_us) {
    const BatchId id = lost_by_.begin()->second;
    lost_by_.erase(lost_by_.begin());
    const Out out = take_out(id);
    lost_.emplace(id, out.engine);
    router_.lost(out.engine, id);
    give_back(out, /*derived=*/false, /*failed=*/true, now_us);
    lost_engines_.push_back(out.engine);
    ++counts_.lost_batches;
    quarantine(out.engine, now_us);
  }
  while (!launch_by_.empty() && launch_by_.begin()->first < now_us) {
    end(requests_.at(launch_by_.begin()->second), Outcome::kExpired, now_us);
  }
  if (!router_.any_serves()) refuse_waiting_without_engine(now_us);
}

std::uint64_t Scheduler::wake_us() const {
  std::uint64_t wake = std::min(router_.next_probe_us(), look_again_us_);
  if (!launch_by_.empty()) wake = std::min(wake, launch_by_.begin()->first + 1);
  if (!lost_by_.empty()) wake = std::min(wake, lost_by_.begin()->first);
  return wake;
}

bool Scheduler::could_take() const { return !backlog_.empty() && router_.any_slot_free(); }

// ---- Requests ----

bool Scheduler::cancel(WorkId id, std::uint64_t now_us) {
  advance(now_us);
  const auto found = requests_.find(id);
  if (found == requests_.end()) return false;
  Request& request = found->second;
  if (request.out() == 0) {
    dequeue(request);
    count(Outcome::kCancelled);
    forget(request);
    return true;
  }
  if (!request.ended) end(request, Outcome::kCancelled, now_us);
  return false;
}

void Scheduler::enqueue(Request& request, std::uint64_t now_us) {
  backlog_.add(request);
  set_launch_by(request, now_us);
}

void Scheduler::set_launch_by(Request& request, std::uint64_t now_us) {
  const std::uint64_t deadline_us = request.work().deadline_us;
  if (deadline_us == kNever) return;
  // What has waited until it cannot be done in time is not worth an engine's time. What has not
  // waited is tried: how long it takes is only an estimate.
  const std::uint64_t takes_us =
      router_.quickest_us(request.work().group.profile, request.effort_of(request.waiting()));
  const std::uint64_t in_time_us = deadline_us - std::min(deadline_us, takes_us);
  request.launch_by_us = std::min(deadline_us, std::max(now_us, in_time_us));
  launch_by_.emplace(request.launch_by_us, request.id());
}

void Scheduler::dequeue(Request& request) {
  backlog_.remove(request);
  launch_by_.erase({request.launch_by_us, request.id()});
}

void Scheduler::requeue(Request& request, std::uint64_t now_us) {
  if (request.line != nullptr) dequeue(request);
  enqueue(request, now_us);
}

void Scheduler::end(Request& request, Outcome outcome, std::uint64_t now_us) {
  if (request.line != nullptr) dequeue(request);
  if (request.out() == 0) {
    finish(request, outcome, now_us);
    return;
  }
  request.give_up();
  request.ended = outcome;
}

void Scheduler::finish(Request& request, Outcome outcome, std::uint64_t now_us) {
  count(outcome);
  finished_.push_back({request.id(), outcome, request.queue_us(now_us)});
  forget(request);
}

void Scheduler::forget(Request& request) {
  callers_.release(request.caller(), request.work().items, request.work().octets);
  backlog_.give_back(request.group());
  requests_.erase(request.id());
}

std::vector<Finished> Scheduler::take_finished() { return std::exchange(finished_, {}); }

std::vector<EngineId> Scheduler::take_lost_engines() { return std::exchange(lost_engines_, {}); }

}  // namespace rekey::scheduler
