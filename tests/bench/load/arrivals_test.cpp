// SPDX-License-Identifier: Apache-2.0
#include "load/arrivals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "load/distribution.h"

namespace rekey::bench::load {
namespace {

using std::chrono::nanoseconds;
using testing::HasSubstr;
using namespace std::chrono_literals;

std::vector<double> first_seconds(const Arrivals& arrivals, std::size_t count, double speed = 1,
                                  std::uint64_t seed = 1) {
  Schedule schedule(arrivals, speed, seed);
  std::vector<double> due;
  while (due.size() < count) {
    const auto next = schedule.next();
    if (!next) break;
    due.push_back(std::chrono::duration<double>(*next).count());
  }
  return due;
}

/// The largest distance between the distribution of a sorted sample and `cdf` (Kolmogorov and
/// Smirnov), as a multiple of what one sample in a thousand exceeds.
template <typename Cdf>
double misfit(std::vector<double> sample, const Cdf& cdf) {
  std::ranges::sort(sample);
  const auto n = static_cast<double>(sample.size());
  double distance = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double expected = cdf(sample[i]);
    distance = std::max({distance, std::abs(expected - static_cast<double>(i) / n),
                         std::abs(expected - static_cast<double>(i + 1) / n)});
  }
  return distance * std::sqrt(n) / 1.95;
}

std::vector<double> gaps(const std::vector<double>& due) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < due.size(); ++i) gaps.push_back(due[i] - due[i - 1]);
  return gaps;
}

TEST(Schedule, PoissonArrivalsHaveExponentialGaps) {
  constexpr double kRate = 4'000;
  for (const std::uint64_t seed : {1, 2, 3}) {
    const std::vector<double> between = gaps(first_seconds(Poisson{kRate}, 50'000, 1, seed));
    EXPECT_LT(misfit(between, [&](double gap) { return 1 - std::exp(-kRate * gap); }), 1);
    // The test tells other gaps from these.
    EXPECT_GT(misfit(between, [&](double gap) { return 1 - std::exp(-1.05 * kRate * gap); }), 1);
  }
}

TEST(Schedule, PoissonGapsDoNotDependOnTheOneBefore) {
  const std::vector<double> between = gaps(first_seconds(Poisson{1}, 50'000));
  double product = 0;
  for (std::size_t i = 1; i < between.size(); ++i) {
    product += (between[i] - 1) * (between[i - 1] - 1);
  }
  EXPECT_LT(std::abs(product / static_cast<double>(between.size())), 0.02);
}

TEST(Schedule, WavesFillTheirWindowEvenly) {
  const std::vector<double> due = first_seconds(Waves{4'096, 27.5, 1'000}, 10 * 4'096);
  std::vector<double> in_window;
  for (std::size_t i = 0; i < due.size(); ++i) {
    const double begin = static_cast<double>(i / 4'096);
    ASSERT_GE(due[i], begin);
    ASSERT_LT(due[i], begin + 0.0275 + 1e-9);
    in_window.push_back((due[i] - begin) / 0.0275);
  }
  EXPECT_TRUE(std::ranges::is_sorted(due));
  EXPECT_LT(misfit(in_window, [](double at) { return at; }), 1);
}

TEST(Schedule, EvenArrivalsAndBurstsAreWhereTheyAreDue) {
  EXPECT_EQ(first_seconds(Even{100}, 4), (std::vector<double>{0, 0.01, 0.02, 0.03}));
  EXPECT_EQ(first_seconds(Bursts{2, 250}, 5), (std::vector<double>{0, 0, 0.25, 0.25, 0.5}));
}

TEST(Schedule, SpeedShortensAllTimes) {
  EXPECT_EQ(first_seconds(Even{100}, 3, 4), (std::vector<double>{0, 0.0025, 0.005}));
  EXPECT_EQ(first_seconds(Replay{{1s, 3s}}, 3, 2), (std::vector<double>{0.5, 1.5}));
}

TEST(Schedule, IsTheSameForTheSameSeedAndAnotherForAnother) {
  EXPECT_EQ(first_seconds(Poisson{7}, 100, 1, 5), first_seconds(Poisson{7}, 100, 1, 5));
  EXPECT_NE(first_seconds(Poisson{7}, 100, 1, 5), first_seconds(Poisson{7}, 100, 1, 6));
}

TEST(Schedule, ReplayEnds) {
  EXPECT_EQ(first_seconds(Replay{{0s, 1ms}}, 9), (std::vector<double>{0, 0.001}));
}

TEST(Arrivals, MeanRatesCountAllOfARepetition) {
  EXPECT_DOUBLE_EQ(mean_per_second(Even{5}), 5);
  EXPECT_DOUBLE_EQ(mean_per_second(Bursts{64, 250}), 256);
  EXPECT_DOUBLE_EQ(mean_per_second(Waves{256, 27.5, 1'000}), 256);
  EXPECT_DOUBLE_EQ(mean_per_second(Replay{{0s, 1s, 2s}}), 1.5);
}

TEST(Distribution, DrawsEachRangeByItsWeight) {
  const Distribution distribution({{1, 1, 3}, {10, 19, 1}, {50, 50, 0}});
  wave::Random random(9);
  std::vector<int> seen(60);
  for (int i = 0; i < 40'000; ++i) ++seen[distribution.draw(&random)];
  EXPECT_NEAR(seen[1], 30'000, 400);
  for (int value = 10; value < 20; ++value) EXPECT_NEAR(seen[value], 1'000, 150);
  EXPECT_EQ(seen[50], 0);
  EXPECT_DOUBLE_EQ(distribution.mean(), (3 * 1 + 14.5) / 4);
}

class ReplayFileTest : public testing::Test {
 protected:
  Status read(const std::string& text) {
    const std::string path = testing::TempDir() + "load-arrivals.txt";
    std::ofstream(path) << text;
    return read_replay(path, &replay_);
  }

  Replay replay_;
};

TEST_F(ReplayFileTest, ReadsSeconds) {
  ASSERT_EQ(read("# a capture\n0\n\n0.0005\n1e-3\n"), Status());
  EXPECT_EQ(replay_.due, (std::vector<nanoseconds>{0ns, 500us, 1ms}));
}

TEST_F(ReplayFileTest, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(read("0\nsoon\n").message(), HasSubstr(":2: expected seconds from the start"));
  EXPECT_THAT(read("0 1\n").message(), HasSubstr(":1: expected seconds"));
  EXPECT_THAT(read("-1\n").message(), HasSubstr("found '-1'"));
  EXPECT_THAT(read("nan\n").message(), HasSubstr("found 'nan'"));
  EXPECT_THAT(read("2\n1\n").message(), HasSubstr(":2: expected no time before"));
  EXPECT_THAT(read("# none\n").message(), HasSubstr("found none"));
  EXPECT_THAT(read_replay("/nowhere/at-all", &replay_).message(), HasSubstr("/nowhere/at-all"));
}

}  // namespace
}  // namespace rekey::bench::load
