// SPDX-License-Identifier: Apache-2.0
//
// Threads for work that waits for a store.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <utility>
#include <vector>

namespace rekey::contexts {

/// WorkQueue runs what is pushed, in its order, on a few threads. It is bounded. Thread-safe.
class WorkQueue {
 public:
  /// At most `most_jobs` jobs of `most_weight` together wait.
  WorkQueue(unsigned threads, std::size_t most_jobs, std::uint64_t most_weight)
      : most_jobs_(most_jobs), most_weight_(most_weight) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  /// Runs what waits, then ends the threads.
  ~WorkQueue() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// push queues a job; false when there is no room for it. An empty queue takes any job.
  bool push(std::uint64_t weight, std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      const bool room = jobs_.size() < most_jobs_ && weight_ + weight <= most_weight_;
      if (!room && !jobs_.empty()) return false;
      jobs_.push({weight, std::move(job)});
      weight_ += weight;
    }
    changed_.notify_one();
    return true;
  }

 private:
  struct Job {
    std::uint64_t weight;
    std::function<void()> run;
  };

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      Job job = std::move(jobs_.front());
      jobs_.pop();
      weight_ -= job.weight;
      lock.unlock();
      job.run();
      lock.lock();
    }
  }

  const std::size_t most_jobs_;
  const std::uint64_t most_weight_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<Job> jobs_;
  std::uint64_t weight_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rekey::contexts
