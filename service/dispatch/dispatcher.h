// SPDX-License-Identifier: Apache-2.0
//
// The threads around the scheduler: they take batches, derive them and answer the callers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "dispatch/canary.h"
#include "dispatch/clock.h"
#include "dispatch/deriver.h"
#include "dispatch/engine_pool.h"
#include "dispatch/job.h"
#include "dispatch/load.h"
#include "dispatch/parts.h"
#include "scheduler/scheduler.h"

namespace rekey::dispatch {

/// Where says whose thread may derive a job.
enum class Where : std::uint8_t {
  kWorkers,  ///< the dispatcher's
  kHere,     ///< also the caller's, within submit(), while that takes less than waking a worker
};

/// Dispatcher owns one thread for each batch that the machine's devices can have in hand, and one
/// that keeps time. Thread-safe.
class Dispatcher {
 public:
  /// Starts the threads. `machine` is what describe() says of `pool`. The others must outlive this
  /// object, which listens to the pool.
  Dispatcher(EnginePool* pool, Deriver* deriver, const Clock* clock,
             const scheduler::Limits& limits, const scheduler::Machine& machine,
             scheduler::Shares shares = {});
  /// Answers what was accepted, then ends the threads.
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// now_us tells the time that deadlines go by.
  [[nodiscard]] std::uint64_t now_us() const { return clock_->now_us(); }

  /// preview says what submit() would to a request of `items` AMSs: whether it is worth looking at
  /// any further. A refusal counts as one.
  scheduler::Answer preview(std::string_view caller, std::uint32_t items);

  /// submit queues a job and sets `*out_id` before a worker can see it. A job that is not accepted
  /// is left alone. With Where::kHere, this and other jobs may be told that they are done before it
  /// returns: the caller must hold no lock that they take.
  scheduler::Answer submit(Job* job, scheduler::WorkId* out_id, Where where = Where::kWorkers);

  /// submit_together queues the jobs of one caller that are of no use without each other: all are
  /// accepted, by one decision about their sum, or all are left alone. They are the workers'.
  scheduler::Answer submit_together(std::span<Job* const> jobs);

  /// cancel takes back a job of which nothing is being derived. False when a part of it is, or it
  /// is done: then done() was or will be called, as soon as no engine has a part of it.
  bool cancel(scheduler::WorkId id);

  /// set_limits takes over what bounds the queue and each caller, and the shares; batches and
  /// engines keep the limits they have. What was accepted stays.
  void set_limits(const scheduler::Limits& limits, scheduler::Shares shares);

  /// begin_drain refuses new jobs from now on. Those accepted are answered.
  void begin_drain();

  /// pin has only the engine at a place of the pool used while it serves; nothing lets all be used
  /// again. At first it is the one the pool was told to choose.
  void pin(std::optional<std::size_t> engine);

  /// load returns a snapshot.
  [[nodiscard]] Load load() const;

  /// queued returns how many jobs wait for an engine, with a part at least.
  [[nodiscard]] std::size_t queued() const;

  /// wait_idle waits until every accepted job is answered. False when that takes longer than
  /// `timeout`.
  bool wait_idle(std::chrono::milliseconds timeout);

 private:
  /// Accepted is a job until it is answered.
  struct Accepted {
    Job* job = nullptr;
    std::mutex begin;  ///< several threads may come with the first pieces of a large job
    bool begun = false;
    BatchResult result;  ///< once begun
    Served served;
  };
  using Jobs = std::unordered_map<scheduler::WorkId, Accepted>;

  void work();
  void keep_time();
  /// Gives the core away for a moment, between batches. The lock is let go meanwhile.
  static void let_others_run(std::unique_lock<std::mutex>* lock);
  void wake_locked();
  void wake_timekeeper_locked();
  /// Tells the jobs that have ended, if there are any. The lock is let go meanwhile.
  bool answer_ended(std::unique_lock<std::mutex>* lock);

  void engine_refused(std::size_t engine);
  bool refuse_lost_engines(std::unique_lock<std::mutex>* lock);
  void probe(scheduler::EngineId engine, std::unique_lock<std::mutex>* lock);
  void serve(const scheduler::Batch& batch, std::unique_lock<std::mutex>* lock);
  /// Serves `batch`, then what has come meanwhile.
  void serve_here(std::optional<scheduler::Batch> batch, std::unique_lock<std::mutex>* lock);
  PartsDerivation derive(const scheduler::Batch& batch, std::span<Accepted* const> accepted);
  /// Derives what has a canary, or may be lost, in memory of its own.
  PartsDerivation derive_apart(const scheduler::Batch& batch, std::vector<Part>* parts,
                               std::optional<std::uint32_t> canary_lane);
  static BatchResult results_of(Accepted* accepted);
  void detach(scheduler::BatchId id);
  bool attach(scheduler::BatchId id);
  void note_served(const scheduler::Batch& batch, const PartsDerivation& derivation,
                   std::span<Accepted* const> accepted);
  [[nodiscard]] bool idle_locked() const { return scheduler_.idle() && answering_ == 0; }

  EnginePool* pool_;
  Deriver* deriver_;
  const Clock* clock_;
  CanaryTurn canary_turn_;
  Canaries canaries_;
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable time_;
  std::condition_variable idle_;
  scheduler::Scheduler scheduler_;
  std::deque<scheduler::Batch> left_to_workers_;  ///< taken, and to be served by a worker
  Jobs jobs_;
  scheduler::WorkId next_id_ = 1;
  std::uint64_t answering_ = 0;  ///< jobs that are being told
  std::uint64_t sleeping_until_us_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rekey::dispatch
