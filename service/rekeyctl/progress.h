// SPDX-License-Identifier: Apache-2.0
//
// The progress bar of a long wave.
#pragma once

#include <chrono>
#include <cstdint>

namespace rekey::ctl {

/// Progress draws on standard error, when that is a terminal and the wave takes more than a moment.
class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// show says that `items` AMSs are done; `share`, from 0 to 1, is how much of the input is read,
  /// and negative where that cannot be known. It draws no more than a few times a second.
  void show(std::uint64_t items, double share);
  /// clear takes the bar off the screen.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool on_terminal_;
  bool drawn_ = false;
  Clock::time_point start_;
  Clock::time_point next_;
};

}  // namespace rekey::ctl
