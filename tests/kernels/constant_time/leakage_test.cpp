// SPDX-License-Identifier: Apache-2.0
#include "kernels/constant_time/leakage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace rekey::test {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kTimings = 20'000;

WelchTest test_of(const std::vector<double>& fixed, const std::vector<double>& random) {
  WelchTest test;
  for (double sample : fixed) test.add(KeyClass::kFixed, sample);
  for (double sample : random) test.add(KeyClass::kRandom, sample);
  return test;
}

/// Timings of alternating classes, each as `ticks(class, generator)` says.
template <typename Ticks>
std::vector<Timing> timings_of(Ticks ticks) {
  std::mt19937_64 generator(1);
  std::vector<Timing> timings;
  for (std::size_t i = 0; i < kTimings; ++i) {
    const KeyClass key_class = i % 2 == 0 ? KeyClass::kFixed : KeyClass::kRandom;
    timings.push_back({key_class, ticks(key_class, generator)});
  }
  return timings;
}

TEST(WelchTest, MatchesSamplesWorkedOutByHand) {
  // Means 3 and 6, variances 2.5 and 4, of 5 and 3 samples: -3 / sqrt(2.5 / 5 + 4 / 3).
  const WelchTest test = test_of({1, 2, 3, 4, 5}, {4, 6, 8});
  EXPECT_DOUBLE_EQ(test.mean(KeyClass::kFixed), 3);
  EXPECT_DOUBLE_EQ(test.mean(KeyClass::kRandom), 6);
  EXPECT_EQ(test.smaller_class(), 3U);
  EXPECT_NEAR(test.t(), -3 / std::sqrt(2.5 / 5 + 4.0 / 3), 1e-12);
}

TEST(WelchTest, MatchesAPublishedExample) {
  // Student's data on sleep, in R: t.test(extra ~ group, data = sleep).
  const WelchTest test = test_of({0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0},
                                 {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4});
  EXPECT_NEAR(test.t(), -1.8608, 0.00005);
}

TEST(WelchTest, KeepsItsPrecisionFarFromZero) {
  constexpr double kFar = 1e9;
  const WelchTest test =
      test_of({kFar + 1, kFar + 2, kFar + 3, kFar + 4, kFar + 5}, {kFar + 4, kFar + 6, kFar + 8});
  EXPECT_NEAR(test.t(), -3 / std::sqrt(2.5 / 5 + 4.0 / 3), 1e-6);
}

TEST(WelchTest, WithoutVarianceMeansAreEqualOrTellAll) {
  EXPECT_EQ(test_of({7, 7, 7}, {7, 7}).t(), 0);
  EXPECT_EQ(test_of({8, 8}, {7, 7}).t(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(test_of({7, 7}, {8, 8}).t(), -std::numeric_limits<double>::infinity());
}

TEST(LargestLeakage, StaysSmallWhereClassesAreAlike) {
  const auto timings = timings_of([](KeyClass, std::mt19937_64& generator) {
    return std::lognormal_distribution<double>(8, 0.2)(generator);
  });
  EXPECT_LT(std::abs(largest_leakage(timings).t), 4.5);
}

TEST(LargestLeakage, SeesMeansThatDiffer) {
  const auto timings = timings_of([](KeyClass key_class, std::mt19937_64& generator) {
    return std::normal_distribution<double>(key_class == KeyClass::kFixed ? 1010 : 1000,
                                            50)(generator);
  });
  EXPECT_GT(largest_leakage(timings).t, 10);
}

TEST(LargestLeakage, SeesBehindATailOfInterrupts) {
  // One timing in ten is a hundred times too long: the mean of all says nothing any more.
  const auto timings = timings_of([](KeyClass key_class, std::mt19937_64& generator) {
    const double shift = key_class == KeyClass::kFixed ? 10 : 0;
    const double interrupted = std::bernoulli_distribution(0.1)(generator) ? 100'000 : 0;
    return interrupted + shift + std::normal_distribution<double>(1000, 50)(generator);
  });
  WelchTest raw;
  for (const Timing& timing : timings) raw.add(timing.key_class, timing.ticks);
  ASSERT_LT(std::abs(raw.t()), 4.5);
  const Leakage leakage = largest_leakage(timings);
  EXPECT_GT(leakage.t, 10);
  EXPECT_THAT(leakage.test, HasSubstr("below percentile"));
}

TEST(LargestLeakage, SeesASpreadThatDiffers) {
  const auto timings = timings_of([](KeyClass key_class, std::mt19937_64& generator) {
    return std::normal_distribution<double>(1000,
                                            key_class == KeyClass::kFixed ? 60 : 50)(generator);
  });
  EXPECT_GT(std::abs(largest_leakage(timings).t), 10);
}

TEST(LargestLeakage, NeedsEnoughTimingsOfBothClasses) {
  EXPECT_EQ(largest_leakage({}).test, "");
  std::vector<Timing> timings(kTimings, {KeyClass::kFixed, 1});
  timings.push_back({KeyClass::kRandom, 2});
  EXPECT_EQ(largest_leakage(timings).test, "");
}

}  // namespace
}  // namespace rekey::test
