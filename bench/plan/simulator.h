// SPDX-License-Identifier: Apache-2.0
//
// One rekeyd as a queueing system, event by event: requests wait for a processor, their AMSs for an
// engine, which derives what waits as one batch. Pure: it draws nothing, reads no clock.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/curve.h"

namespace rekey::bench::plan {

/// Station is what one machine can do. Times in seconds.
struct Station {
  unsigned processors = 1;
  /// What a request of so many AMSs takes of a processor, beside its derivation.
  Curve request_seconds;
  /// What it takes more where the processor had nothing to do and must be woken, over the seconds
  /// that it had rested. Longer rests than the last are as that one.
  Curve wake_seconds;
  /// What an engine takes for a batch of so many AMSs; without points nothing is derived.
  Curve batch_seconds;
  /// Engines apart from the processors (GPUs), each with one batch at a time; 0: the processors
  /// derive.
  unsigned devices = 0;
  double batch_ams_most = 65'536;            ///< as rekeyd's limits: see scheduler/limits.h
  double batch_seconds_most = 0.5e-3;        ///< what would take longer is cut
  static constexpr double kTurnAms = 4'096;  ///< of one request in one batch

  /// wake_after returns what waking takes after a rest; 0 where there was none.
  [[nodiscard]] double wake_after(double rest_seconds) const;
  /// longest_rest returns the one after which waking takes as long as after any longer one.
  [[nodiscard]] double longest_rest() const;
};

/// Arrival is one request.
struct Arrival {
  double due = 0;     ///< seconds from the start; not before the arrival before it
  double ams = 1;     ///< a whole number
  double effort = 1;  ///< how many times request_seconds it takes
};

/// Simulated is what became of the requests.
struct Simulated {
  std::vector<double> sojourn_seconds;  ///< of each request, from due to done
  double busy_seconds = 0;              ///< of all processors together
  double end_seconds = 0;               ///< when the last one was done
  std::uint64_t batches = 0;
};

/// simulate runs all arrivals to their end. The rule for batches is the scheduler's: an idle engine
/// takes what waits, up to the limits, at most kTurnAms of a request, those first that were served
/// least; while all are busy the next batch grows.
Simulated simulate(const Station& station, std::span<const Arrival> arrivals);

}  // namespace rekey::bench::plan
