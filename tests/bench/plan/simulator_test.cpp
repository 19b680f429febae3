// SPDX-License-Identifier: Apache-2.0
//
// The simulator against the textbooks, and the scheduler's rule for batches.
#include "plan/simulator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "load/distribution.h"
#include "plan/formulas.h"
#include "plan/trial.h"

namespace rekey::bench::plan {
namespace {

constexpr double kService = 1e-3;
constexpr double kTolerance = 0.03;

Station queue(unsigned servers) {
  Station station;
  station.processors = servers;
  station.request_seconds = Curve({{1, kService}});
  return station;
}

/// The mean time before service of two million requests that come at random.
double simulated_wait(double rho, unsigned servers, bool exponential, std::uint64_t seed) {
  constexpr std::size_t kRequests = 2'000'000;
  wave::Random random(seed);
  std::vector<Arrival> arrivals;
  double now = 0;
  double work = 0;
  for (std::size_t i = 0; i < kRequests; ++i) {
    now += load::draw_exponential(kService / servers / rho, &random);
    const double effort = exponential ? load::draw_exponential(1, &random) : 1;
    work += effort * kService;
    arrivals.push_back({now, 1, effort});
  }
  const Simulated simulated = simulate(queue(servers), arrivals);
  const double sojourn =
      std::accumulate(simulated.sojourn_seconds.begin(), simulated.sojourn_seconds.end(), 0.0);
  return (sojourn - work) / kRequests;
}

double rate(double rho, unsigned servers) { return rho * servers / kService; }

TEST(PlanFormulas, AgreeWithTablesAndWithEachOther) {
  EXPECT_DOUBLE_EQ(mm1_wait(500, kService), kService);
  EXPECT_DOUBLE_EQ(md1_wait(500, kService), kService / 2);
  // One server is the case that Pollaczek and Khinchine solved.
  for (const double rho : {0.3, 0.7, 0.9}) {
    EXPECT_NEAR(mdc_wait(rate(rho, 1), kService, 1), md1_wait(rate(rho, 1), kService),
                1e-6 * kService);
  }
  // More servers at one utilisation wait less; a full queue has no mean.
  EXPECT_LT(mdc_wait(rate(0.8, 4), kService, 4), mdc_wait(rate(0.8, 2), kService, 2));
  EXPECT_TRUE(std::isinf(mdc_wait(2'000, kService, 2)));
  EXPECT_TRUE(std::isinf(mm1_wait(1'000, kService)));
}

TEST(PlanFormulas, BoundAWaveFromBelow) {
  // 100 requests of 1 ms on 2 servers: 50 ms of work in 10 ms.
  EXPECT_DOUBLE_EQ(wave_bound(100, 10e-3, kService, 2, 1), 40e-3 + kService);
  EXPECT_DOUBLE_EQ(wave_bound(100, 100e-3, kService, 2, 1), kService);
}

TEST(PlanSimulator, ReproducesMM1) {
  for (const double rho : {0.3, 0.7}) {
    const double expected = mm1_wait(rate(rho, 1), kService);
    EXPECT_NEAR(simulated_wait(rho, 1, true, 1), expected, kTolerance * expected) << rho;
  }
}

TEST(PlanSimulator, ReproducesMD1) {
  for (const double rho : {0.3, 0.7, 0.85}) {
    const double expected = md1_wait(rate(rho, 1), kService);
    EXPECT_NEAR(simulated_wait(rho, 1, false, 2), expected, kTolerance * expected) << rho;
  }
}

TEST(PlanSimulator, ReproducesMDc) {
  for (const unsigned servers : {2U, 4U, 16U}) {
    const double expected = mdc_wait(rate(0.8, servers), kService, servers);
    EXPECT_NEAR(simulated_wait(0.8, servers, false, 3), expected, kTolerance * expected) << servers;
  }
}

Station deriving() {
  Station station = queue(1);
  station.request_seconds = Curve({{1, 1e-6}});
  station.batch_seconds = Curve({{1, 101e-6}, {10'001, 1'101e-6}});  // 100 us and 0.1 us an AMS
  station.devices = 1;
  return station;
}

TEST(PlanSimulator, ABatchGrowsWhileTheEngineIsBusy) {
  // The first finds an idle engine and is derived alone; the others wait for it and go together.
  const std::vector<Arrival> arrivals = {{0, 10}, {10e-6, 10}, {20e-6, 10}, {30e-6, 10}};
  const Simulated simulated = simulate(deriving(), arrivals);
  EXPECT_EQ(simulated.batches, 2U);
  const double alone = 101.9e-6;
  EXPECT_NEAR(simulated.sojourn_seconds[0], 1e-6 + alone, 1e-9);
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    EXPECT_NEAR(arrivals[i].due + simulated.sojourn_seconds[i], 1e-6 + alone + 103.9e-6, 1e-9);
  }
}

TEST(PlanSimulator, LargeRequestsAreCutAndSmallOnesGoInBetween) {
  Station station = deriving();
  // 4,000 AMSs fit a batch of 0.5 ms: the large request takes five, the small one goes first in the
  // second.
  const std::vector<Arrival> arrivals = {{0, 19'000}, {100e-6, 1}};
  const Simulated simulated = simulate(station, arrivals);
  EXPECT_EQ(simulated.batches, 5U);
  EXPECT_NEAR(simulated.sojourn_seconds[1], 0.901e-3, 2e-6);
  EXPECT_NEAR(simulated.sojourn_seconds[0], 2.4e-3, 10e-6);
  // Without a limit on time a turn is 4,096 AMSs.
  station.batch_seconds_most = 1;
  EXPECT_EQ(simulate(station, std::vector<Arrival>{{0, 19'000}}).batches, 5U);
}

TEST(PlanSimulator, ProcessorsDeriveWhereThereIsNoDevice) {
  Station station = deriving();
  station.devices = 0;
  const std::vector<Arrival> arrivals = {{0, 10}, {1e-6, 10}};
  const Simulated simulated = simulate(station, arrivals);
  // The first request is done before the second is begun.
  EXPECT_NEAR(simulated.sojourn_seconds[0], 102.9e-6, 1e-9);
  EXPECT_NEAR(simulated.sojourn_seconds[1], 2 * 102.9e-6 - 1e-6, 1e-9);
  EXPECT_NEAR(simulated.busy_seconds, 2 * 102.9e-6, 1e-9);
}

TEST(PlanSimulator, WakingCostsOnlyWhoFindsAnIdleProcessor) {
  Station station = queue(1);
  station.wake_seconds = Curve({{1, 5e-3}});
  const std::vector<Arrival> arrivals = {{0}, {1e-3}, {1}};
  const Simulated simulated = simulate(station, arrivals);
  EXPECT_NEAR(simulated.sojourn_seconds[0], 6e-3, 1e-9);
  EXPECT_NEAR(simulated.sojourn_seconds[1], 6e-3, 1e-9);  // 5 ms behind the first, 1 ms itself
  EXPECT_NEAR(simulated.sojourn_seconds[2], 6e-3, 1e-9);
}

TEST(PlanSimulator, WakingTakesAsLongAsTheRestSays) {
  Station station = queue(1);
  station.wake_seconds = Curve({{0.5, 1e-3}, {1.5, 3e-3}});
  EXPECT_EQ(station.longest_rest(), 1.5);
  EXPECT_EQ(station.wake_after(0), 0);
  // A rest without end, one of 100 ms until 104 ms, one of a second until 1.106 s, none, and 99 s.
  const std::vector<Arrival> arrivals = {{0}, {0.104}, {1.106}, {1.107}, {100}};
  const Simulated simulated = simulate(station, arrivals);
  const double expected[] = {4e-3, 2e-3, 3e-3, 3e-3, 4e-3};
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    EXPECT_NEAR(simulated.sojourn_seconds[i], expected[i], 1e-9) << i;
  }
}

TEST(PlanSimulator, TheProcessorThatRestedLeastGoesFirst) {
  Station station = queue(2);
  station.wake_seconds = Curve({{0.1, 1e-3}, {10, 5e-3}});
  // Each processor wakes once, for 5 ms; the second one, idle from 7 ms and from 109 ms on, has
  // twice rested for 100 ms when the others come.
  const std::vector<Arrival> arrivals = {{0}, {1e-3}, {0.107}, {0.209}};
  const Simulated simulated = simulate(station, arrivals);
  const double expected[] = {6e-3, 6e-3, 2e-3, 2e-3};
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    EXPECT_NEAR(simulated.sojourn_seconds[i], expected[i], 1e-9) << i;
  }
}

TEST(PlanTrial, AWaveFindsAServerThatRestedUnlessOthersKeepItAwake) {
  Station station = queue(1);
  station.wake_seconds = Curve({{1e-3, 0}, {0.2, 7e-3}});
  const WaveLoad lone{1, 1e-3, 1};
  EXPECT_NEAR(run_waves(station, {}, {0, 1}, lone, 100, 1).p50, 7e-3 + kService, 1e-9);
  EXPECT_LT(run_waves(station, {}, {500, 1}, lone, 1'000, 1).p50, 3 * kService);
}

TEST(PlanTrial, CountsTheWaveAloneAndAddsWhatPassesBesideTheServer) {
  Station station = queue(2);
  const Curve beside({{0, 10e-3}, {1, 10e-3}});
  const Latency latency = run_waves(station, beside, {100, 1}, {100, 10e-3, 1}, 10'000, 1);
  EXPECT_EQ(latency.requests, 10'000U);
  EXPECT_GT(latency.in_server_p99, wave_bound(100, 10e-3, kService, 2, 0.99));
  EXPECT_NEAR(latency.p99, latency.in_server_p99 + 10e-3, 1e-9);
  // A seed says it all.
  EXPECT_EQ(latency.p99, run_waves(station, beside, {100, 1}, {100, 10e-3, 1}, 10'000, 1).p99);
  const Latency steady = run_steady(station, {}, {1'000, 1}, 200'000, 1);
  EXPECT_NEAR(steady.utilisation, 0.5, 0.01);
  EXPECT_NEAR(steady.in_server_mean, kService + mdc_wait(1'000, kService, 2), 0.03 * kService);
}

TEST(PlanCurve, IsLinearBetweenItsPoints) {
  const Curve curve({{100, 3}, {1, 1}, {10, 2}});
  EXPECT_EQ(curve.at(0), 1);
  EXPECT_EQ(curve.at(55), 2.5);
  EXPECT_NEAR(curve.at(190), 4, 1e-12);
  EXPECT_EQ(curve.inverse(2.5, 1'000), 55);
  EXPECT_EQ(curve.inverse(0.5, 1'000), 1);
  EXPECT_EQ(curve.inverse(1e9, 1'000), 1'000);
  EXPECT_EQ(curve.scaled(2).at(55), 5);
  EXPECT_EQ(Curve().at(7), 0);
}

}  // namespace
}  // namespace rekey::bench::plan
