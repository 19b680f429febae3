// SPDX-License-Identifier: Apache-2.0
//
// Simulated loads on one machine: what comes all the time, and a wave on top of it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/curve.h"
#include "plan/simulator.h"
#include "wave/random.h"

namespace rekey::bench::plan {

/// Steady is requests that come independently of each other.
struct Steady {
  double requests_per_second = 0;
  double ams_per_request = 1;
};

/// WaveLoad is requests spread at random over a window, once.
struct WaveLoad {
  double requests = 0;  ///< a fraction: sometimes one more
  double window_seconds = 0;
  double ams_per_request = 1;
};

/// Latency is what requests waited for, in seconds.
struct Latency {
  std::uint64_t requests = 0;
  double p50 = 0;
  double p99 = 0;
  double in_server_mean = 0;  ///< without what passes beside the server
  double in_server_p99 = 0;
  double utilisation = 0;  ///< of the processors, from the first to the last
};

/// latency_of adds to every sojourn what passes beside the server, drawn from `beside` (seconds
/// over shares), and leaves out the requests that `counted` does not name (empty: all count).
Latency latency_of(const Simulated& simulated, const Station& station, const Curve& beside,
                   const std::vector<bool>& counted, wave::Random* random);

/// quantile_of returns the value that the share `q` of the others does not exceed, and reorders
/// them; 0 without values.
double quantile_of(std::vector<double>* values, double q);

/// median returns the middle one of one or more values; of an even number the larger middle one.
double median(std::vector<double> values);

/// sojourns_steady simulates a steady load, and returns the times in the server.
std::vector<double> sojourns_steady(const Station& station, const Steady& steady,
                                    std::uint64_t requests, std::uint64_t seed);

/// run_steady simulates `requests` of a steady load, after a tenth of that to fill the queue.
Latency run_steady(const Station& station, const Curve& beside, const Steady& steady,
                   std::uint64_t requests, std::uint64_t seed);

/// run_waves simulates waves, each on top of the steady load, which begins shortly before it, after
/// as long a rest as the station knows, until `requests` have come in them, which alone count.
Latency run_waves(const Station& station, const Curve& beside, const Steady& steady,
                  const WaveLoad& wave, std::uint64_t requests, std::uint64_t seed);

}  // namespace rekey::bench::plan
