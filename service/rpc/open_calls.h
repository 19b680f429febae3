// SPDX-License-Identifier: Apache-2.0
//
// Counts the calls that have not ended, so that a drain can wait for them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace rekey::rpc {

/// OpenCalls is told when a call begins and ends. Thread-safe.
class OpenCalls {
 public:
  void opened() {
    const std::lock_guard lock(mutex_);
    ++open_;
  }

  void closed() {
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) none_.notify_all();
  }

  /// count returns how many calls are open.
  [[nodiscard]] std::uint64_t count() const {
    const std::lock_guard lock(mutex_);
    return open_;
  }

  /// wait_none waits until no call is open. False when that takes longer than `timeout`.
  bool wait_none(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, timeout, [this] { return open_ == 0; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable none_;
  std::uint64_t open_ = 0;
};

}  // namespace rekey::rpc
