// SPDX-License-Identifier: Apache-2.0
#include "rekey/worker_pool.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <system_error>

namespace rekey {

/// Run is one call of run(), on its caller's stack. All but `parts` is guarded by the pool's mutex.
struct WorkerPool::Run {
  Run(std::size_t part_count, ErasedBody call_body, const void* erased_body)
      : parts(part_count), call(call_body), body(erased_body) {}

  Parts parts;
  const ErasedBody call;
  const void* const body;
  unsigned helpers = 0;  ///< threads of the pool that are in the body
  std::condition_variable last_helper_left;
  Run* next = nullptr;
};

Status WorkerPool::create(unsigned threads, std::unique_ptr<WorkerPool>* out_pool) {
  if (threads < 1 || threads > kMaxThreads) {
    return Status::invalid_argument("threads: expected 1 to " + std::to_string(kMaxThreads) +
                                    ", found " + std::to_string(threads));
  }
  std::unique_ptr<WorkerPool> pool(new WorkerPool);
  pool->threads_.reserve(threads - 1);
  try {
    for (unsigned i = 1; i < threads; ++i) {
      std::thread& started = pool->threads_.emplace_back([&pool = *pool] { pool.work(); });
      // A name is for people who look at the process; the system allows 15 characters.
      pthread_setname_np(started.native_handle(), ("rekey-pool-" + std::to_string(i)).c_str());
    }
  } catch (const std::system_error& error) {
    return {Code::kUnavailable, "threads: expected " + std::to_string(threads) + ", found " +
                                    std::to_string(pool->threads()) + ": " + error.what()};
  }
  *out_pool = std::move(pool);
  return {};
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_or_stop_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::run_erased(std::size_t parts, ErasedBody call, const void* body) {
  if (parts == 0) return;
  Run run(parts, call, body);
  const std::size_t helpers = std::min(parts - 1, threads_.size());
  if (helpers > 0) {
    {
      const std::lock_guard lock(mutex_);
      append(&run);
    }
    for (std::size_t i = 0; i < helpers; ++i) work_or_stop_.notify_one();
  }
  call(body, run.parts);
  if (helpers > 0) {
    std::unique_lock lock(mutex_);
    remove(&run);
    run.last_helper_left.wait(lock, [&run] { return run.helpers == 0; });
  }
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_or_stop_.wait(lock, [this] { return first_ != nullptr || stopping_; });
    if (first_ == nullptr) return;
    Run& run = *first_;
    if (!run.parts.any_left()) {
      remove(&run);
      continue;
    }
    ++run.helpers;
    lock.unlock();
    run.call(run.body, run.parts);
    lock.lock();
    // Under the lock: without it the caller could be gone with its run before it is notified.
    if (--run.helpers == 0) run.last_helper_left.notify_one();
  }
}

void WorkerPool::append(Run* run) {
  Run** end = &first_;
  while (*end != nullptr) end = &(*end)->next;
  *end = run;
}

void WorkerPool::remove(const Run* run) {
  for (Run** link = &first_; *link != nullptr; link = &(*link)->next) {
    if (*link != run) continue;
    *link = run->next;
    return;
  }
}

}  // namespace rekey
