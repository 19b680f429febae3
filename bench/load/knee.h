// SPDX-License-Identifier: Apache-2.0
//
// The highest rate that keeps a promise: a search over whole runs.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "load/recorder.h"
#include "rekey/status.h"

namespace rekey::bench::load {

/// KneePoint is one rate of the search: one run, or the medians of several.
struct KneePoint {
  double speed = 0;           ///< of the schedule; see Schedule
  double due_per_second = 0;  ///< requests
  double answered_per_second = 0;
  double ams_per_second = 0;
  std::chrono::nanoseconds p50{0}, p99{0}, p999{0}, max{0};
  std::uint64_t unanswered = 0;  ///< failed or not sent
  bool kept = false;  ///< p99 within the promise, and every request answered: in most of the runs
  std::chrono::nanoseconds p99_min{0}, p99_max{0};  ///< over the runs
};

struct Knee {
  std::vector<KneePoint> curve;  ///< in the order of the rates
  double speed = 0;              ///< the highest that kept the promise; 0: none did
  bool bounded = false;          ///< whether a higher one was found that did not

  /// point returns the run at `speed`, nothing where no run kept the promise.
  [[nodiscard]] const KneePoint* point() const;
};

/// knee_point says what a run was like. Nothing keeps a promise when nothing was answered.
KneePoint knee_point(double speed, const Counts& counts, std::chrono::nanoseconds p99_at_most);

/// median_of returns the medians of runs at one speed; there is at least one.
KneePoint median_of(const std::vector<KneePoint>& runs);

/// find_knee doubles the speed from 1 until the promise is broken, or halves it until it is kept,
/// and then closes in to within 5 %. It gives up at a thousandth and at a million. Returns the
/// first error of `measure`.
Status find_knee(const std::function<Status(double speed, KneePoint*)>& measure, Knee* out_knee);

}  // namespace rekey::bench::load
