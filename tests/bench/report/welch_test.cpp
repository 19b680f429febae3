// SPDX-License-Identifier: Apache-2.0
#include "report/welch.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rekey::bench::report {
namespace {

TEST(StudentT, IsThatOfThePublishedTables) {
  // Abramowitz and Stegun, table 26.10.
  EXPECT_NEAR(student_t(0.95, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_t(0.95, 2), 4.303, 5e-4);
  EXPECT_NEAR(student_t(0.95, 3), 3.182, 5e-4);
  EXPECT_NEAR(student_t(0.95, 4), 2.776, 5e-4);
  EXPECT_NEAR(student_t(0.95, 10), 2.228, 5e-4);
  EXPECT_NEAR(student_t(0.99, 5), 4.032, 5e-4);
  EXPECT_NEAR(student_t(0.99, 30), 2.750, 5e-4);
  EXPECT_NEAR(student_t(0.95, 10'000), 1.960, 1e-3);
}

TEST(Welch, IsThatOfAnExampleByHand) {
  // Means 2 and 5, variances of the means 1/3 and 4/3; (5/3)^2 / ((1/9 + 16/9) / 2) = 2.94, so 2.
  const Interval interval = welch(std::vector{1.0, 2.0, 3.0}, std::vector{3.0, 5.0, 7.0}, 0.95);
  EXPECT_NEAR(interval.low, 3 - 4.303 * 1.29099, 1e-3);
  EXPECT_NEAR(interval.high, 3 + 4.303 * 1.29099, 1e-3);
}

TEST(Welch, OfConstantsIsTheirDifference) {
  const Interval interval = welch(std::vector{2.0, 2.0}, std::vector{5.0, 5.0, 5.0}, 0.95);
  EXPECT_EQ(interval.low, 3);
  EXPECT_EQ(interval.high, 3);
}

TEST(Welch, HoldsTheTrueDifferenceAsOftenAsItSays) {
  constexpr int kTrials = 20'000;
  std::mt19937 random(1);
  std::normal_distribution<double> of_a(10, 1);
  std::normal_distribution<double> of_b(13, 4);
  int held = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> a(5);
    std::vector<double> b(8);
    for (double& value : a) value = of_a(random);
    for (double& value : b) value = of_b(random);
    const Interval interval = welch(a, b, 0.95);
    if (interval.low <= 3 && 3 <= interval.high) ++held;
  }
  // Three standard deviations of the count are 0.005; rounding degrees down holds it more often.
  EXPECT_GE(held / double{kTrials}, 0.945);
  EXPECT_LE(held / double{kTrials}, 0.965);
}

}  // namespace
}  // namespace rekey::bench::report
