// SPDX-License-Identifier: Apache-2.0
#include "load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "load/distribution.h"

namespace rekey::bench::load {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

/// Times as a server has them: most near 200 us, a tail of up to seconds.
std::vector<nanoseconds> sample(std::size_t count, std::uint64_t seed) {
  wave::Random random(seed);
  std::vector<nanoseconds> times;
  while (times.size() < count) {
    const bool slow = random.below(50) == 0;
    times.emplace_back(std::llround(draw_exponential(slow ? 2e8 : 2e5, &random)));
  }
  return times;
}

TEST(Histogram, AgreesWithExactSorting) {
  for (const std::size_t count : {1UL, 7UL, 999UL, 1'000UL, 1'001UL, 200'000UL}) {
    std::vector<nanoseconds> times = sample(count, count);
    Histogram histogram;
    for (const nanoseconds time : times) histogram.record(time);
    std::ranges::sort(times);
    ASSERT_EQ(histogram.count(), count);
    EXPECT_EQ(histogram.max(), times.back());
    for (const double q : {0.001, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
      const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(count) - 1e-6));
      const nanoseconds exact = times[std::max<std::size_t>(rank, 1) - 1];
      EXPECT_GE(histogram.quantile(q), exact) << count << ' ' << q;
      EXPECT_LE(histogram.quantile(q).count(), exact.count() * 1.001) << count << ' ' << q;
    }
  }
}

TEST(Histogram, CountsEveryTimeInOneBucketAtEveryBorder) {
  for (unsigned bit = 0; bit < 40; ++bit) {
    for (const std::int64_t offset : {-1, 0, 1}) {
      const nanoseconds time((std::int64_t{1} << bit) + offset);
      Histogram histogram;
      histogram.record(time);
      histogram.record(1h);
      EXPECT_GE(histogram.quantile(0.5), time);
      EXPECT_LE(histogram.quantile(0.5).count(), time.count() * 1.001);
      EXPECT_EQ(histogram.count_above(time), 1U);
    }
  }
}

TEST(Histogram, KeepsWhatIsOutOfRange) {
  Histogram histogram;
  histogram.record(-5ns);
  histogram.record(2h);
  EXPECT_EQ(histogram.quantile(0.5), 0ns);
  EXPECT_EQ(histogram.quantile(1), 2h);
  EXPECT_EQ(histogram.max(), 2h);
  EXPECT_EQ(histogram.mean(), 1h);
}

TEST(Histogram, AddsAnother) {
  const std::vector<nanoseconds> times = sample(10'000, 3);
  Histogram whole, one, other;
  for (std::size_t i = 0; i < times.size(); ++i) {
    whole.record(times[i]);
    (i % 3 == 0 ? one : other).record(times[i]);
  }
  one.add(other);
  EXPECT_EQ(one.count(), whole.count());
  EXPECT_EQ(one.max(), whole.max());
  EXPECT_EQ(one.mean(), whole.mean());
  for (const Percentile& percentile : kPercentiles) {
    EXPECT_EQ(one.quantile(percentile.q), whole.quantile(percentile.q)) << percentile.name;
  }
}

TEST(Histogram, HasNoQuantilesWhenItIsEmpty) {
  EXPECT_EQ(Histogram().quantile(0.99), 0ns);
  EXPECT_EQ(Histogram().mean(), 0ns);
}

}  // namespace
}  // namespace rekey::bench::load
