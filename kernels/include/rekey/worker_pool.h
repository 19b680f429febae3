// SPDX-License-Identifier: Apache-2.0
//
// Threads that a caller owns and lends to engines, so that one large batch is derived on several
// cores.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "rekey/status.h"

namespace rekey {

/// WorkerPool runs work that is cut into parts on a fixed number of threads, the calling one among
/// them. Thread-safe: several callers share the threads, and a part may itself call run().
class WorkerPool {
 public:
  static constexpr unsigned kMaxThreads = 1'024;

  /// Parts hands out the parts of one run, each of them once, to whichever thread asks next.
  class Parts {
   public:
    explicit Parts(std::size_t count) : count_(count) {}

    /// next gives the caller a part of its own, from 0 on. False when all have been handed out.
    bool next(std::size_t* out_part) {
      *out_part = next_.fetch_add(1, std::memory_order_relaxed);
      return *out_part < count_;
    }

    /// any_left returns whether some part has not been handed out yet.
    [[nodiscard]] bool any_left() const { return next_.load(std::memory_order_relaxed) < count_; }

   private:
    const std::size_t count_;
    std::atomic<std::size_t> next_{0};
  };

  /// create starts `threads` - 1 threads: the caller of run() is the last. kInvalidArgument unless
  /// there are 1 to kMaxThreads, kUnavailable when the system gives no more threads.
  static Status create(unsigned threads, std::unique_ptr<WorkerPool>* out_pool);

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  /// Nothing may be running.
  ~WorkerPool();

  /// threads returns how many threads take part in a run at most, the calling one included.
  [[nodiscard]] unsigned threads() const { return static_cast<unsigned>(threads_.size()) + 1; }

  /// run calls `body(Parts&)` on the calling thread and on as many others as are free, at most once
  /// on each, and returns when all of them have returned; what they wrote is then visible to the
  /// caller. A body takes parts until none is left, so that a slow core holds up nobody; it must
  /// not throw. Allocates nothing.
  template <typename Body>
  void run(std::size_t parts, const Body& body) {
    run_erased(
        parts,
        [](const void* erased, Parts& of_run) noexcept {
          (*static_cast<const Body*>(erased))(of_run);
        },
        &body);
  }

 private:
  using ErasedBody = void (*)(const void* body, Parts& parts) noexcept;
  struct Run;

  WorkerPool() = default;
  void run_erased(std::size_t parts, ErasedBody call, const void* body);
  void work();
  void append(Run* run);
  void remove(const Run* run);

  std::mutex mutex_;
  std::condition_variable work_or_stop_;
  Run* first_ = nullptr;  ///< the runs that may have parts left, the oldest first
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rekey
