// SPDX-License-Identifier: Apache-2.0
//
// What rekeyd asks of the operating system for itself.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

namespace rekey::rekeyd {

/// Signals holds back SIGTERM, SIGINT, SIGHUP and SIGUSR2 of the whole process. Make it before any
/// thread.
class Signals {
 public:
  Signals();

  /// wait blocks until one of them comes and returns its number. Until then `meanwhile` is called
  /// every `interval`; without an interval it is not called.
  int wait(std::optional<std::chrono::microseconds> interval,
           const std::function<void()>& meanwhile);

  /// ask_to_drain has wait() return SIGUSR2, from any thread. Unlike a second SIGTERM it never ends
  /// a process that already drains.
  static void ask_to_drain();

  /// release lets the next SIGTERM or SIGINT end the process at once.
  void release();
};

}  // namespace rekey::rekeyd
