// SPDX-License-Identifier: Apache-2.0
#include "load/knee.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace rekey::bench::load {
namespace {

using namespace std::chrono_literals;

/// A server that keeps its promise up to a speed.
Knee knee_of(double limit) {
  Knee knee;
  const auto measure = [&](double speed, KneePoint* point) {
    point->speed = speed;
    point->kept = speed <= limit;
    return Status();
  };
  EXPECT_EQ(find_knee(measure, &knee), Status());
  return knee;
}

TEST(FindKnee, ClosesInFromEitherSide) {
  for (const double limit : {0.003, 0.4, 1.0, 1.7, 50.0, 9'999.0}) {
    const Knee knee = knee_of(limit);
    EXPECT_LE(knee.speed, limit);
    EXPECT_GE(knee.speed * 1.05, limit) << limit;
    EXPECT_TRUE(knee.bounded);
    EXPECT_TRUE(std::ranges::is_sorted(knee.curve, {}, &KneePoint::speed));
    ASSERT_NE(knee.point(), nullptr);
    EXPECT_TRUE(knee.point()->kept);
  }
}

TEST(FindKnee, SaysThatNothingOrEverythingKeepsThePromise) {
  EXPECT_EQ(knee_of(0).speed, 0);
  EXPECT_EQ(knee_of(0).point(), nullptr);
  EXPECT_FALSE(knee_of(1e9).bounded);
}

TEST(FindKnee, StopsAtAnError) {
  const Status broken(Code::kUnavailable, "gone");
  Knee knee;
  EXPECT_EQ(find_knee([&](double, KneePoint*) { return broken; }, &knee), broken);
}

TEST(KneePoint, OfSeveralRunsIsTheirMedianWithTheSpread) {
  KneePoint fast, middle, slow;
  fast.p99 = 1ms;
  fast.kept = true;
  fast.ams_per_second = 30;
  middle.p99 = 5ms;
  middle.kept = true;
  middle.ams_per_second = 10;
  slow.p99 = 90ms;
  slow.unanswered = 7;
  slow.ams_per_second = 20;
  const KneePoint median = median_of({slow, fast, middle});
  EXPECT_EQ(median.p99, 5ms);
  EXPECT_EQ(median.p99_min, 1ms);
  EXPECT_EQ(median.p99_max, 90ms);
  EXPECT_EQ(median.ams_per_second, 20);
  EXPECT_EQ(median.unanswered, 0U);
  EXPECT_TRUE(median.kept);
  EXPECT_FALSE(median_of({slow, slow, fast}).kept);
  EXPECT_FALSE(median_of({slow, fast}).kept) << "half of the runs are not most of them";
}

TEST(KneePoint, KeepsThePromiseOnlyWhenAllIsAnsweredInTime) {
  Counts counts;
  counts.measured = 2s;
  EXPECT_FALSE(knee_point(1, counts, 1s).kept);
  counts.answered = counts.due = 100;
  for (int i = 0; i < 98; ++i) counts.latency.record(1ms);
  counts.latency.record(9ms);
  counts.latency.record(90ms);
  EXPECT_TRUE(knee_point(1, counts, 10ms).kept);
  EXPECT_FALSE(knee_point(1, counts, 8ms).kept);
  EXPECT_DOUBLE_EQ(knee_point(1, counts, 8ms).due_per_second, 50);
  counts.unsent = 1;
  EXPECT_FALSE(knee_point(1, counts, 10ms).kept);
}

}  // namespace
}  // namespace rekey::bench::load
