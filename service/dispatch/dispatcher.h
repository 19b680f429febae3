// SPDX-License-Identifier: Apache-2.0
//
// The threads around the scheduler: they take batches, derive them and answer the callers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "dispatch/clock.h"
#include "dispatch/deriver.h"
#include "dispatch/job.h"
#include "scheduler/scheduler.h"

namespace rekey::dispatch {

/// Dispatcher owns the worker threads. Thread-safe.
class Dispatcher {
 public:
  /// Starts `workers` threads, at least 1. `deriver` and `clock` must outlive this object.
  Dispatcher(Deriver* deriver, const Clock* clock, const scheduler::Limits& limits,
             unsigned workers);
  /// Answers what was accepted, then ends the threads.
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// submit queues a job and sets `*out_id` before a worker can see it. A job that is not accepted
  /// is left alone.
  scheduler::Admission submit(Job* job, scheduler::WorkId* out_id);

  /// cancel takes back a job that no worker has begun. False when it is being derived or is done:
  /// then done() was or will be called.
  bool cancel(scheduler::WorkId id);

  /// begin_drain refuses new jobs from now on. Those accepted are answered.
  void begin_drain();

  /// queued returns how many jobs wait for a worker.
  [[nodiscard]] std::size_t queued() const;

  /// wait_idle waits until every accepted job is answered. False when that takes longer than
  /// `timeout`.
  bool wait_idle(std::chrono::milliseconds timeout);

 private:
  void work();
  void serve(const scheduler::Batch& batch, std::span<Job* const> jobs);

  Deriver* deriver_;
  const Clock* clock_;
  mutable std::mutex mutex_;
  std::condition_variable work_or_stop_;
  std::condition_variable idle_;
  scheduler::Scheduler scheduler_;
  std::unordered_map<scheduler::WorkId, Job*> queued_jobs_;
  scheduler::WorkId next_id_ = 1;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace rekey::dispatch
