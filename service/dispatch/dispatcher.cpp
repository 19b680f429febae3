// SPDX-License-Identifier: Apache-2.0
#include "dispatch/dispatcher.h"

#include <cassert>

#include "dispatch/merged_batch.h"

namespace rekey::dispatch {
namespace {

/// Memory that a job's columns take until it is answered.
std::uint64_t pinned_octets(const CheckedBatch& batch) {
  constexpr std::uint64_t kInputOctets = kPmkOctets + kMsidOctets + kBsidOctets + kNonceOctets +
                                         kCmacKeyCountOctets + kAkSnOctets + sizeof(Code) +
                                         /*sa_counts*/ 1;
  std::uint64_t octets = batch.count() * kInputOctets + batch.saids().size();
  for (KeyKind kind : kAllKeyKinds) octets += batch.result_octets(kind);
  return octets;
}

Served served_by(const Derivation& derivation, const scheduler::Batch& batch,
                 const scheduler::Member& member, const ItemRange& items) {
  return {.engine = derivation.engine,
          .batch_items = batch.items,
          .queue_us = member.queue_us,
          .engine_us = derivation.engine_us,
          .verified = derivation.verified.covers(items.first_item, items.items)};
}

}  // namespace

Dispatcher::Dispatcher(Deriver* deriver, const Clock* clock, const scheduler::Limits& limits,
                       unsigned workers)
    : deriver_(deriver), clock_(clock), scheduler_(limits) {
  assert(workers > 0);
  workers_.reserve(workers);
  for (unsigned i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
}

Dispatcher::~Dispatcher() {
  {
    const std::lock_guard lock(mutex_);
    scheduler_.begin_drain();
    stopping_ = true;
  }
  work_or_stop_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

scheduler::Admission Dispatcher::submit(Job* job, scheduler::WorkId* out_id) {
  const CheckedBatch& batch = job->batch();
  scheduler::Work work{.group = scheduler::GroupKey::of(batch),
                       .items = batch.count(),
                       .octets = pinned_octets(batch),
                       .priority = job->priority()};
  {
    const std::lock_guard lock(mutex_);
    work.id = next_id_++;
    *out_id = work.id;
    const scheduler::Admission admission = scheduler_.submit(work, clock_->now_us());
    if (admission != scheduler::Admission::kAccepted) return admission;
    queued_jobs_.emplace(work.id, job);
  }
  work_or_stop_.notify_one();
  return scheduler::Admission::kAccepted;
}

bool Dispatcher::cancel(scheduler::WorkId id) {
  const std::lock_guard lock(mutex_);
  if (!scheduler_.cancel(id)) return false;
  queued_jobs_.erase(id);
  if (scheduler_.idle()) idle_.notify_all();
  return true;
}

void Dispatcher::begin_drain() {
  const std::lock_guard lock(mutex_);
  scheduler_.begin_drain();
}

std::size_t Dispatcher::queued() const {
  const std::lock_guard lock(mutex_);
  return scheduler_.queued_requests();
}

bool Dispatcher::wait_idle(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, timeout, [this] { return scheduler_.idle(); });
}

void Dispatcher::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_or_stop_.wait(lock, [this] { return stopping_ || scheduler_.has_work(); });
    const std::optional<scheduler::Batch> batch = scheduler_.take_batch(clock_->now_us());
    if (!batch) return;
    std::vector<Job*> jobs;
    jobs.reserve(batch->members.size());
    for (const scheduler::Member& member : batch->members) {
      const auto job = queued_jobs_.find(member.id);
      jobs.push_back(job->second);
      queued_jobs_.erase(job);
    }
    lock.unlock();
    serve(*batch, jobs);
    lock.lock();
    scheduler_.complete(*batch);
    if (scheduler_.idle()) idle_.notify_all();
  }
}

void Dispatcher::serve(const scheduler::Batch& batch, std::span<Job* const> jobs) {
  if (jobs.size() == 1) {
    Job* job = jobs.front();
    const ItemRange all{.items = job->batch().count()};
    const Derivation derivation = deriver_->derive(job->batch(), job->begin_results());
    job->done(derivation.status, served_by(derivation, batch, batch.members.front(), all));
    return;
  }
  MergedBatch merged;
  Derivation derivation;
  derivation.status = merged.load(jobs);
  if (derivation.status.ok()) derivation = deriver_->derive(merged.batch(), merged.result());
  ItemRange next;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    ItemRange items = next;
    items.items = jobs[i]->batch().count();
    if (derivation.status.ok()) merged.split(jobs[i], &next);
    jobs[i]->done(derivation.status, served_by(derivation, batch, batch.members[i], items));
  }
}

}  // namespace rekey::dispatch
