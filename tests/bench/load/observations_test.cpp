// SPDX-License-Identifier: Apache-2.0
#include "overload/observations.h"

#include <gtest/gtest.h>

#include <vector>

namespace rekey::bench::overload {
namespace {

using namespace std::chrono_literals;

constexpr int kRefused = 8;  // RESOURCE_EXHAUSTED
const Clock::time_point kStart = Clock::time_point() + 1h;

/// A request due so long after the start, sent 1 ms later, that took so long from when it was due.
Observation observed(Clock::duration due, Clock::duration latency, int code = 0) {
  return {kStart + due, kStart + due + 1ms, kStart + due + latency, code};
}

TEST(Observations, PercentilesAreThoseOfSorting) {
  std::vector<Seconds> times;
  for (int i = 100; i > 0; --i) times.emplace_back(i);
  EXPECT_EQ(percentile(times, 0.5), 50s);
  EXPECT_EQ(percentile(times, 0.99), 99s);
  EXPECT_EQ(percentile(times, 1), 100s);
  EXPECT_EQ(percentile({}, 0.5), 0s);
}

TEST(Observations, AreToldApartByWhenAndHow) {
  const Observations all = {observed(0ms, 5ms), observed(10ms, 95ms),
                            observed(20ms, 2ms, kRefused)};
  EXPECT_EQ(due_between(all, kStart, kStart + 10ms).size(), 1U);
  EXPECT_EQ(with_code(all, 0).size(), 2U);
  EXPECT_EQ(answer_times(with_code(all, kRefused)).front(), 1ms);
  EXPECT_EQ(latencies(with_code(all, kRefused)).front(), 2ms);
  EXPECT_EQ(send_lags(all).front(), 1ms);
  // One answer in the first 100 ms; the other came after them.
  EXPECT_DOUBLE_EQ(answered_per_second(all, kStart, kStart + 100ms), 10);
}

TEST(Observations, AServerIsNormalAgainOnceItStaysSo) {
  Observations all;
  const auto window_of = [&](Clock::duration begin, Clock::duration latency, int code = 0) {
    for (int i = 0; i < 5; ++i) all.push_back(observed(begin + i * 10ms, latency, code));
  };
  window_of(0ms, 90ms);
  window_of(100ms, 2ms);
  window_of(200ms, 90ms);
  // Nothing from 300 to 400 ms.
  window_of(400ms, 2ms);
  window_of(500ms, 2ms);
  const auto normal_after = [&] {
    return time_to_normal(all, kStart, kStart + 600ms, 100ms, Seconds(3ms));
  };
  EXPECT_EQ(normal_after(), Seconds(400ms));
  window_of(500ms, 2ms, kRefused);
  EXPECT_EQ(normal_after(), std::nullopt) << "a refusal is not normal, however fast";
}

}  // namespace
}  // namespace rekey::bench::overload
