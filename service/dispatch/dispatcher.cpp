// SPDX-License-Identifier: Apache-2.0
#include "dispatch/dispatcher.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace rekey::dispatch {
namespace {

/// Longer than this the timekeeper does not sleep, so that times fit any clock.
constexpr std::uint64_t kLongestSleepUs = 3'600'000'000;

/// Deriving so many AMSs takes a core no longer than waking another thread up.
constexpr std::uint64_t kQuickEffort = 1'024;
/// An idle server derives so many before it reads on: it takes about as long as their answer does
/// to be written.
constexpr std::uint64_t kLoneEffort = 8'192;

/// Whatever it is that takes longer, a slow engine or every key verified: while gRPC's threads are
/// busy nobody reads what comes, so that under load it would neither be queued nor refused.
constexpr std::uint64_t kLongestHereUs = 250;

constexpr std::uint64_t kInputOctets = kPmkOctets + kMsidOctets + kBsidOctets + kNonceOctets +
                                       kCmacKeyCountOctets + kAkSnOctets + sizeof(Code) +
                                       /*sa_counts*/ 1;

/// Sets the sizes of a job: the memory that its columns take until it is answered, and its effort.
void measure_job(const CheckedBatch& batch, scheduler::Work* work) {
  work->items = batch.count();
  work->octets = batch.count() * kInputOctets + batch.saids().size();
  for (KeyKind kind : kAllKeyKinds) work->octets += batch.result_octets(kind);
  const std::uint64_t teks =
      batch.outputs().contains(KeyKind::kTek) ? batch.tek_counters().size() : 0;
  work->effort = std::max<std::uint64_t>(batch.count(), batch.total_sas() * teks / 2);
  if (batch.sa_counts().empty()) return;
  std::uint64_t ams_octets = kInputOctets;
  for (KeyKind kind : kAllKeyKinds) {
    if (kind != KeyKind::kTek && batch.outputs().contains(kind)) ams_octets += key_octets(kind);
  }
  const std::uint64_t sas = *std::ranges::max_element(batch.sa_counts());
  work->widest_octets = ams_octets + sas * (batch.options().said_octets + teks * kTekOctets);
}

/// A job as the scheduler sees it, without an id.
scheduler::Work work_of(const Job& job) {
  const CheckedBatch& columns = job.batch();
  scheduler::Work work{.caller = job.caller(),
                       .group = scheduler::GroupKey::of(columns),
                       .priority = job.priority(),
                       .deadline_us = job.deadline_us()};
  measure_job(columns, &work);
  return work;
}

unsigned slots(const scheduler::Machine& machine) {
  return std::accumulate(machine.device_slots.begin(), machine.device_slots.end(), 0U);
}

/// The AMSs of a piece of a job, and their keys' place.
Part part_of(const CheckedBatch& batch, const BatchResult& result, const scheduler::Piece& piece) {
  if (piece.items == batch.count()) return {batch, result};
  const ItemRange range{.first_item = piece.first_item,
                        .items = piece.items,
                        .first_sa = batch.sa_count(0, piece.first_item),
                        .sas = batch.sa_count(piece.first_item, piece.items)};
  return {batch.part(piece.first_item, piece.items),
          slice(result, range, batch.tek_counters().size())};
}

}  // namespace

Dispatcher::Dispatcher(EnginePool* pool, Deriver* deriver, const Clock* clock,
                       const scheduler::Limits& limits, const scheduler::Machine& machine,
                       scheduler::Shares shares)
    : pool_(pool),
      deriver_(deriver),
      clock_(clock),
      scheduler_(limits, machine, std::move(shares)) {
  const unsigned workers = slots(machine);
  assert(workers > 0);
  pin(pool->chosen());
  pool->listen([this](std::size_t engine) { engine_refused(engine); });
  for (std::size_t place = 0; place < pool->size(); ++place) {
    // Refused since it was described.
    if (machine.engines[place].serving && !pool->serves(place)) engine_refused(place);
  }
  threads_.reserve(workers + 1);
  threads_.emplace_back([this] { keep_time(); });
  for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
}

Dispatcher::~Dispatcher() {
  {
    std::unique_lock lock(mutex_);
    scheduler_.begin_drain();
    idle_.wait(lock, [this] { return idle_locked(); });
    stopping_ = true;
  }
  work_.notify_all();
  time_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  pool_->listen({});
}

// ---- Callers ----

scheduler::Answer Dispatcher::preview(std::string_view caller, std::uint32_t items) {
  const std::lock_guard lock(mutex_);
  const scheduler::Answer answer = scheduler_.preview(caller, items, clock_->now_us());
  if (!answer.accepted()) scheduler_.count_refusal(answer.admission);
  return answer;
}

scheduler::Answer Dispatcher::submit(Job* job, scheduler::WorkId* out_id, Where where) {
  scheduler::Work work = work_of(*job);
  std::unique_lock lock(mutex_);
  const bool here =
      where == Where::kHere &&
      (work.effort <= kQuickEffort || (work.effort <= kLoneEffort && scheduler_.idle())) &&
      scheduler_.router().quickest_us(work.group.profile, work.effort) <= kLongestHereUs;
  const bool none_wait = scheduler_.waiting_requests() == 0;
  work.id = next_id_++;
  *out_id = work.id;
  std::optional<scheduler::Batch> batch;
  const scheduler::Answer answer =
      scheduler_.submit(work, clock_->now_us(), here ? &batch : nullptr);
  if (answer.accepted()) {
    jobs_[work.id].job = job;
    if (here && none_wait) {
      serve_here(std::move(batch), &lock);
    } else if (batch) {
      serve(*batch, &lock);
    }
  }
  wake_locked();
  return answer;
}

scheduler::Answer Dispatcher::submit_together(std::span<Job* const> jobs) {
  std::vector<scheduler::Work> works;
  works.reserve(jobs.size());
  for (const Job* job : jobs) works.push_back(work_of(*job));
  const std::lock_guard lock(mutex_);
  for (scheduler::Work& work : works) work.id = next_id_++;
  const scheduler::Answer answer = scheduler_.submit_together(works, clock_->now_us());
  if (answer.accepted()) {
    for (std::size_t i = 0; i < jobs.size(); ++i) jobs_[works[i].id].job = jobs[i];
  }
  wake_locked();
  return answer;
}

void Dispatcher::serve_here(std::optional<scheduler::Batch> batch,
                            std::unique_lock<std::mutex>* lock) {
  // What comes meanwhile is better taken by this thread too than by one that has to be woken up,
  // as long as it is not much.
  for (std::uint64_t effort = 0; effort < kLoneEffort;) {
    if (!batch && scheduler_.could_take()) batch = scheduler_.take_batch(clock_->now_us());
    if (!batch) return;
    effort += batch->effort;
    if (scheduler_.may_be_lost(batch->engine) || effort > kLoneEffort) {
      // That is too long for a thread that others wait for.
      left_to_workers_.push_back(std::move(*batch));
      work_.notify_one();
      return;
    }
    serve(*batch, lock);
    batch.reset();
  }
}

bool Dispatcher::cancel(scheduler::WorkId id) {
  const std::lock_guard lock(mutex_);
  const bool gone = scheduler_.cancel(id, clock_->now_us());
  if (gone) jobs_.erase(id);
  wake_locked();
  return gone;
}

void Dispatcher::set_limits(const scheduler::Limits& limits, scheduler::Shares shares) {
  const std::lock_guard lock(mutex_);
  scheduler_.set_limits(limits, std::move(shares), clock_->now_us());
}

void Dispatcher::begin_drain() {
  const std::lock_guard lock(mutex_);
  scheduler_.begin_drain();
}

void Dispatcher::pin(std::optional<std::size_t> engine) {
  const std::lock_guard lock(mutex_);
  scheduler_.pin(engine ? std::optional(static_cast<scheduler::EngineId>(*engine)) : std::nullopt);
  wake_locked();
}

Load Dispatcher::load() const {
  const std::lock_guard lock(mutex_);
  Load load{.held = scheduler_.held(),
            .waiting_requests = scheduler_.waiting_requests(),
            .callers = scheduler_.remembered_callers(),
            .counts = scheduler_.counts()};
  const scheduler::Router& router = scheduler_.router();
  for (scheduler::EngineId engine = 0; engine < router.engines(); ++engine) {
    load.engines.push_back({.name = std::string(pool_->engine(engine).name()),
                            .serves = router.serves(engine),
                            .quarantines = router.quarantines(engine),
                            .costs = router.spec(engine).costs});
  }
  return load;
}

std::size_t Dispatcher::queued() const {
  const std::lock_guard lock(mutex_);
  return scheduler_.waiting_requests();
}

bool Dispatcher::wait_idle(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, timeout, [this] { return idle_locked(); });
}

// ---- Threads ----

void Dispatcher::wake_locked() {
  if (scheduler_.could_take()) {
    // It sees to the timekeeper when it finds nothing more to do: what it takes needs no time kept.
    work_.notify_one();
  } else {
    wake_timekeeper_locked();
  }
  if (idle_locked()) idle_.notify_all();
}

void Dispatcher::wake_timekeeper_locked() {
  if (scheduler_.has_finished() || scheduler_.wake_us() < sleeping_until_us_) time_.notify_one();
}

void Dispatcher::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const std::uint64_t now_us = clock_->now_us();
    if (!left_to_workers_.empty()) {
      const scheduler::Batch batch = std::move(left_to_workers_.front());
      left_to_workers_.pop_front();
      serve(batch, &lock);
      let_others_run(&lock);
    } else if (const std::optional<scheduler::EngineId> engine = scheduler_.take_probe(now_us)) {
      probe(*engine, &lock);
    } else if (const std::optional<scheduler::Batch> batch = scheduler_.take_batch(now_us)) {
      serve(*batch, &lock);
      let_others_run(&lock);
    } else if (!answer_ended(&lock)) {
      wake_timekeeper_locked();
      work_.wait(lock);
    }
  }
}

void Dispatcher::let_others_run(std::unique_lock<std::mutex>* lock) {
  // Threads that read, above all: the system may leave this one its turn of several batches.
  lock->unlock();
  std::this_thread::yield();
  lock->lock();
}

void Dispatcher::keep_time() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    scheduler_.advance(clock_->now_us());
    if (refuse_lost_engines(&lock) || answer_ended(&lock)) continue;
    const std::uint64_t now_us = clock_->now_us();
    const std::uint64_t wake_us = scheduler_.wake_us();
    if (wake_us <= now_us) {
      // That is a worker's business, who then says when there is more.
      work_.notify_one();
      sleeping_until_us_ = scheduler::kNever;
      time_.wait(lock);
    } else {
      sleeping_until_us_ = wake_us;
      time_.wait_for(lock, std::chrono::microseconds(std::min(wake_us - now_us, kLongestSleepUs)));
    }
    sleeping_until_us_ = 0;
  }
}

bool Dispatcher::answer_ended(std::unique_lock<std::mutex>* lock) {
  struct Ended {
    Jobs::node_type accepted;
    scheduler::Finished finished;
  };
  std::vector<Ended> ended;
  for (const scheduler::Finished& finished : scheduler_.take_finished()) {
    ended.push_back({jobs_.extract(finished.id), finished});
  }
  if (ended.empty()) return false;
  answering_ += ended.size();
  lock->unlock();
  for (Ended& each : ended) {
    Accepted& accepted = each.accepted.mapped();
    accepted.served.queue_us = each.finished.queue_us;
    if (each.finished.outcome != scheduler::Outcome::kDone) wipe(accepted.result);
    accepted.job->done({each.finished.outcome, std::move(accepted.served)});
  }
  lock->lock();
  answering_ -= ended.size();
  if (idle_locked()) idle_.notify_all();
  return true;
}

// ---- Engines ----

void Dispatcher::engine_refused(std::size_t engine) {
  const std::lock_guard lock(mutex_);
  scheduler_.quarantine(static_cast<scheduler::EngineId>(engine), clock_->now_us());
  wake_locked();
}

bool Dispatcher::refuse_lost_engines(std::unique_lock<std::mutex>* lock) {
  const std::vector<scheduler::EngineId> engines = scheduler_.take_lost_engines();
  if (engines.empty()) return false;
  lock->unlock();
  for (const scheduler::EngineId engine : engines) {
    pool_->quarantine(pool_->engine(engine), "a batch did not come back");
  }
  lock->lock();
  return true;
}

void Dispatcher::probe(scheduler::EngineId engine, std::unique_lock<std::mutex>* lock) {
  lock->unlock();
  const bool passed = pool_->probe(engine);
  lock->lock();
  scheduler_.probed(engine, passed, clock_->now_us());
  wake_locked();
}

void Dispatcher::serve(const scheduler::Batch& batch, std::unique_lock<std::mutex>* lock) {
  // Most batches are one job unless there is much to do.
  Accepted* lone = &jobs_.at(batch.pieces.front().id);
  std::vector<Accepted*> several;
  if (batch.pieces.size() > 1) {
    several.resize(batch.pieces.size());
    std::ranges::transform(batch.pieces, several.begin(),
                           [this](const scheduler::Piece& piece) { return &jobs_.at(piece.id); });
  }
  const std::span<Accepted* const> accepted =
      several.empty() ? std::span(&lone, 1) : std::span(several);
  // Another worker may find something too; this one will be busy.
  wake_locked();
  lock->unlock();
  const PartsDerivation derivation = derive(batch, accepted);
  lock->lock();
  // What is verified keeps the engine's slot as what is derived does.
  const std::uint64_t busy_us = derivation.engine_us + derivation.verify_us;
  if (scheduler_.complete(batch.id, derivation.outcome, busy_us, clock_->now_us())) {
    note_served(batch, derivation, accepted);
  }
  answer_ended(lock);
}

BatchResult Dispatcher::results_of(Accepted* accepted) {
  const std::lock_guard lock(accepted->begin);
  if (!std::exchange(accepted->begun, true)) accepted->result = accepted->job->begin_results();
  return accepted->result;
}

PartsDerivation Dispatcher::derive(const scheduler::Batch& batch,
                                   std::span<Accepted* const> accepted) {
  std::uint32_t lane = 0;
  const bool has_canary =
      deriver_->sampled() && canary_turn_.next(static_cast<std::uint32_t>(batch.items), &lane);
  const bool apart = has_canary || scheduler_.may_be_lost(batch.engine);
  Engine& engine = pool_->engine(batch.engine);
  if (const CheckedBatch& first = accepted.front()->job->batch();
      !apart && batch.pieces.size() == 1 && batch.pieces.front().items == first.count()) {
    return derive_whole(*deriver_, engine, first, results_of(accepted.front()));
  }
  std::vector<Part> parts;
  parts.reserve(batch.pieces.size());
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    parts.push_back(part_of(accepted[i]->job->batch(), results_of(accepted[i]), batch.pieces[i]));
  }
  if (!apart) return derive_parts(*deriver_, engine, parts);
  return derive_apart(batch, &parts, has_canary ? std::optional(lane) : std::nullopt);
}

PartsDerivation Dispatcher::derive_apart(const scheduler::Batch& batch, std::vector<Part>* parts,
                                         std::optional<std::uint32_t> canary_lane) {
  Engine& engine = pool_->engine(batch.engine);
  PartsDerivation total{.verified = std::vector<bool>(batch.pieces.size())};
  Canary canary;
  if (canary_lane) {
    if (!canaries_.take(parts->front().batch, pool_->referee(), &canary).ok()) return total;
    canary.hide(parts, *canary_lane);
  }
  MergedBatch merged;
  if (!merged.load(*parts).ok()) return total;
  const bool may_be_lost = scheduler_.may_be_lost(batch.engine);
  if (may_be_lost) detach(batch.id);
  const Derivation derivation = deriver_->derive(engine, merged.batch(), merged.result());
  total.outcome = derivation.outcome;
  total.engine_us = derivation.engine_us;
  total.verify_us = derivation.verify_us;
  total.verified.assign(batch.pieces.size(), derivation.verified.covers_all());
  if (may_be_lost && !attach(batch.id)) return total;
  if (total.outcome != scheduler::BatchOutcome::kDone) return total;
  merged.split(*parts);
  if (canary_lane && !canary.right()) {
    canaries_.forget();
    pool_->quarantine(engine, "verification failed: the keys of a known answer differ");
    total.outcome = scheduler::BatchOutcome::kWrong;
  }
  return total;
}

void Dispatcher::detach(scheduler::BatchId id) {
  const std::lock_guard lock(mutex_);
  scheduler_.detach(id, clock_->now_us());
  wake_timekeeper_locked();
}

bool Dispatcher::attach(scheduler::BatchId id) {
  const std::lock_guard lock(mutex_);
  return scheduler_.attach(id);
}

void Dispatcher::note_served(const scheduler::Batch& batch, const PartsDerivation& derivation,
                             std::span<Accepted* const> accepted) {
  const std::string_view engine = pool_->engine(batch.engine).name();
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    Served& served = accepted[i]->served;
    const bool first = served.engine.empty();
    served.verified = derivation.verified[i] && (first || served.verified);
    served.batch_items = std::max(served.batch_items, batch.items);
    served.engine_us += derivation.engine_us;
    if (first) {
      served.engine = engine;
    } else if (served.engine.find(engine) == std::string::npos) {
      served.engine += '+';
      served.engine += engine;
    }
  }
}

}  // namespace rekey::dispatch
