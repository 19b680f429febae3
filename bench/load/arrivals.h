// SPDX-License-Identifier: Apache-2.0
//
// When requests are due. In open loop a clock says so, whatever the server does; in closed loop a
// request is due when an earlier one is answered, which hides how long a slow server made others
// wait: it is there to compare, and never called anything else.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rekey/status.h"
#include "wave/random.h"

namespace rekey::bench::load {

/// One request after the other, equally far apart.
struct Even {
  double per_second = 0;
};

/// Independent callers: the time between two requests is exponential.
struct Poisson {
  double per_second = 0;
};

/// Some requests at one moment, again and again.
struct Bursts {
  std::uint32_t requests = 0;
  double every_ms = 0;
};

/// Some requests spread at random over a window, again and again. The window is not longer than the
/// time from one wave to the next.
struct Waves {
  std::uint32_t requests = 0;
  double window_ms = 0;
  double every_ms = 0;
};

/// Recorded arrivals, in order, once.
struct Replay {
  std::vector<std::chrono::nanoseconds> due;  ///< from the start of the run
};

/// Closed loop: a fixed number of requests under way.
struct Closed {
  std::uint32_t in_flight = 0;
};

using Arrivals = std::variant<Even, Poisson, Bursts, Waves, Replay, Closed>;

/// name_of returns how scenarios name the kind: `even`, `poisson`, `bursts`, `waves`, `replay` or
/// `closed`.
std::string name_of(const Arrivals& arrivals);

/// mean_per_second returns the requests that are due in a second; 0 in closed loop.
double mean_per_second(const Arrivals& arrivals);

/// read_replay reads one arrival a line, in seconds from the start, in ascending order; empty lines
/// and those that begin with # are passed over. kInvalidArgument names the file, the line, what was
/// expected and what was found.
Status read_replay(const std::string& path, Replay* out_replay);

/// Schedule draws the arrivals of an open loop one after the other.
class Schedule {
 public:
  /// `speed` makes all times shorter: at 2 twice as many requests are due in a second.
  Schedule(Arrivals arrivals, double speed, std::uint64_t seed);

  /// next returns when the next request is due, from the start of the run: never before the one
  /// before it. Nothing when a replay has ended.
  std::optional<std::chrono::nanoseconds> next();

 private:
  std::optional<double> next_seconds();

  Arrivals arrivals_;
  double speed_;
  wave::Random random_;
  std::uint64_t made_ = 0;      ///< requests, or bursts and waves
  double now_ = 0;              ///< of Poisson arrivals, in seconds
  std::deque<double> planned_;  ///< what is left of the current burst or wave, in seconds
};

}  // namespace rekey::bench::load
