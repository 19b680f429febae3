// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/progress.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string>

#include "rekeyctl/grouped.h"

namespace rekey::ctl {
namespace {

constexpr std::chrono::milliseconds kBeforeFirst{700};
constexpr std::chrono::milliseconds kBetween{150};
constexpr int kBarWidth = 30;

}  // namespace

Progress::Progress()
    : on_terminal_(isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      next_(start_ + kBeforeFirst) {}

void Progress::show(std::uint64_t items, double share) {
  if (!on_terminal_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + kBetween;
  drawn_ = true;
  std::string line = "\r\033[K";
  if (share >= 0) {
    const int done = static_cast<int>(std::clamp(share, 0.0, 1.0) * kBarWidth);
    line += "[" + std::string(static_cast<std::size_t>(done), '#') +
            std::string(static_cast<std::size_t>(kBarWidth - done), '.') + "] ";
  }
  const double seconds = std::chrono::duration<double>(now - start_).count();
  line += grouped(items) + " AMSs, " +
          grouped(static_cast<std::uint64_t>(static_cast<double>(items) / seconds)) + " a second";
  std::cerr << line << std::flush;
}

void Progress::clear() {
  if (drawn_) std::cerr << "\r\033[K" << std::flush;
  drawn_ = false;
}

}  // namespace rekey::ctl
