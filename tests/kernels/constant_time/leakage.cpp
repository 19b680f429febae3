// SPDX-License-Identifier: Apache-2.0
#include "kernels/constant_time/leakage.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace rekey::test {
namespace {

constexpr double kPercentiles[] = {10, 25, 50, 75, 90, 95, 99, 99.9};

void keep_larger(const WelchTest& test, const std::string& name, Leakage* largest) {
  if (test.smaller_class() < kMinClassTimings) return;
  const double t = test.t();
  if (largest->test.empty() || std::abs(t) > std::abs(largest->t)) *largest = {t, name};
}

std::string percentile_name(double percentile) {
  std::string digits = std::to_string(percentile);
  digits.resize(digits.find('.') + 2);
  return "below percentile " + digits;
}

}  // namespace

void WelchTest::Moments::add(double sample) {
  ++count;
  const double before = sample - mean;
  mean += before / static_cast<double>(count);
  squares += before * (sample - mean);
}

double WelchTest::Moments::variance_of_mean() const {
  const double n = static_cast<double>(count);
  return squares / (n - 1) / n;
}

void WelchTest::add(KeyClass key_class, double sample) {
  moments_[static_cast<std::size_t>(key_class)].add(sample);
}

std::size_t WelchTest::smaller_class() const {
  return std::min(moments(KeyClass::kFixed).count, moments(KeyClass::kRandom).count);
}

double WelchTest::mean(KeyClass key_class) const { return moments(key_class).mean; }

double WelchTest::t() const {
  const Moments& fixed = moments(KeyClass::kFixed);
  const Moments& random = moments(KeyClass::kRandom);
  const double difference = fixed.mean - random.mean;
  const double variance = fixed.variance_of_mean() + random.variance_of_mean();
  if (variance > 0) return difference / std::sqrt(variance);
  if (difference == 0) return 0;
  return std::copysign(std::numeric_limits<double>::infinity(), difference);
}

Leakage largest_leakage(std::span<const Timing> timings) {
  Leakage largest;
  WelchTest raw;
  for (const Timing& timing : timings) raw.add(timing.key_class, timing.ticks);
  keep_larger(raw, "all timings", &largest);

  // Classes of equal means may still differ in how they spread.
  WelchTest spread;
  for (const Timing& timing : timings) {
    const double centred = timing.ticks - raw.mean(timing.key_class);
    spread.add(timing.key_class, centred * centred);
  }
  keep_larger(spread, "spread", &largest);

  std::vector<double> sorted;
  for (const Timing& timing : timings) sorted.push_back(timing.ticks);
  std::ranges::sort(sorted);
  for (double percentile : kPercentiles) {
    if (sorted.empty()) break;
    const auto rank =
        static_cast<std::size_t>(static_cast<double>(sorted.size()) * percentile / 100);
    const double limit = sorted[rank];
    WelchTest cropped;
    for (const Timing& timing : timings) {
      if (timing.ticks < limit) cropped.add(timing.key_class, timing.ticks);
    }
    keep_larger(cropped, percentile_name(percentile), &largest);
  }
  return largest;
}

}  // namespace rekey::test
