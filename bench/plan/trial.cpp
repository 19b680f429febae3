// SPDX-License-Identifier: Apache-2.0
#include "plan/trial.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "load/distribution.h"

namespace rekey::bench::plan {
namespace {

constexpr double kLeadSeconds = 0.02;  ///< before a wave, of what comes all the time

struct Timeline {
  std::vector<Arrival> arrivals;
  std::vector<bool> counted;
};

/// Adds the steady load from one moment to another.
void add_steady(const Steady& steady, double from, double until, wave::Random* random,
                std::vector<Arrival>* out_arrivals) {
  if (steady.requests_per_second <= 0) return;
  double now = from;
  while ((now += load::draw_exponential(1 / steady.requests_per_second, random)) < until) {
    out_arrivals->push_back({now, steady.ams_per_request});
  }
}

std::vector<Arrival> steady_arrivals(const Steady& steady, std::uint64_t requests,
                                     wave::Random* random) {
  std::vector<Arrival> arrivals;
  double now = 0;
  for (std::uint64_t i = 0; i < requests; ++i) {
    now += load::draw_exponential(1 / steady.requests_per_second, random);
    arrivals.push_back({now, steady.ams_per_request});
  }
  return arrivals;
}

double whole(double number, wave::Random* random) {
  const double floor = std::floor(number);
  return floor + (load::draw_unit(random) < number - floor ? 1 : 0);
}

/// Time that a wave keeps all processors busy for, about.
double drain_seconds(const Station& station, const WaveLoad& wave) {
  const double requests = std::max(1.0, wave.requests);
  const double each = station.request_seconds.at(wave.ams_per_request) +
                      station.wake_after(wave.window_seconds / requests) +
                      station.batch_seconds.at(wave.ams_per_request);
  return requests * each / station.processors + station.wake_after(station.longest_rest());
}

Timeline waves(const Station& station, const Steady& steady, const WaveLoad& wave,
               std::uint64_t requests, wave::Random* random) {
  // A server that has nothing to do but the wave has rested for long.
  const double rest = station.longest_rest();
  const double busy = kLeadSeconds + wave.window_seconds + 2 * drain_seconds(station, wave);
  std::vector<std::pair<Arrival, bool>> all;
  std::uint64_t counted = 0;
  for (double begin = rest; counted < requests; begin += busy + rest) {
    std::vector<Arrival> around;
    add_steady(steady, begin, begin + busy, random, &around);
    for (const Arrival& arrival : around) all.emplace_back(arrival, false);
    for (auto n = static_cast<std::uint64_t>(whole(wave.requests, random)); n > 0; --n) {
      const double due = begin + kLeadSeconds + load::draw_unit(random) * wave.window_seconds;
      all.push_back({{due, wave.ams_per_request}, true});
      ++counted;
    }
  }
  std::ranges::stable_sort(all, {}, [](const auto& one) { return one.first.due; });
  Timeline timeline;
  for (const auto& [arrival, counts] : all) {
    timeline.arrivals.push_back(arrival);
    timeline.counted.push_back(counts);
  }
  return timeline;
}

}  // namespace

double quantile_of(std::vector<double>* values, double q) {
  if (values->empty()) return 0;
  const auto rank =
      static_cast<std::ptrdiff_t>(std::ceil(q * static_cast<double>(values->size())) - 1);
  const auto at = values->begin() + std::max<std::ptrdiff_t>(0, rank);
  std::ranges::nth_element(*values, at);
  return *at;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

Latency latency_of(const Simulated& simulated, const Station& station, const Curve& beside,
                   const std::vector<bool>& counted, wave::Random* random) {
  std::vector<double> in_server;
  for (std::size_t i = 0; i < simulated.sojourn_seconds.size(); ++i) {
    if (counted.empty() || counted[i]) in_server.push_back(simulated.sojourn_seconds[i]);
  }
  std::vector<double> total = in_server;
  for (double& seconds : total) seconds += beside.at(load::draw_unit(random));
  Latency latency;
  latency.requests = total.size();
  if (total.empty()) return latency;
  latency.p50 = quantile_of(&total, 0.5);
  latency.p99 = quantile_of(&total, 0.99);
  latency.in_server_mean = std::accumulate(in_server.begin(), in_server.end(), 0.0) /
                           static_cast<double>(in_server.size());
  latency.in_server_p99 = quantile_of(&in_server, 0.99);
  latency.utilisation = simulated.busy_seconds / (simulated.end_seconds * station.processors);
  return latency;
}

std::vector<double> sojourns_steady(const Station& station, const Steady& steady,
                                    std::uint64_t requests, std::uint64_t seed) {
  wave::Random random(seed);
  return simulate(station, steady_arrivals(steady, requests, &random)).sojourn_seconds;
}

Latency run_steady(const Station& station, const Curve& beside, const Steady& steady,
                   std::uint64_t requests, std::uint64_t seed) {
  wave::Random random(seed);
  const std::uint64_t fill = requests / 10;
  const std::vector<Arrival> arrivals = steady_arrivals(steady, requests + fill, &random);
  std::vector<bool> counted(arrivals.size(), true);
  std::fill_n(counted.begin(), fill, false);
  return latency_of(simulate(station, arrivals), station, beside, counted, &random);
}

Latency run_waves(const Station& station, const Curve& beside, const Steady& steady,
                  const WaveLoad& wave, std::uint64_t requests, std::uint64_t seed) {
  wave::Random random(seed);
  const Timeline timeline = waves(station, steady, wave, requests, &random);
  return latency_of(simulate(station, timeline.arrivals), station, beside, timeline.counted,
                    &random);
}

}  // namespace rekey::bench::plan
