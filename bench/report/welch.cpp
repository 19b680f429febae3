// SPDX-License-Identifier: Apache-2.0
#include "report/welch.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

namespace rekey::bench::report {
namespace {

constexpr unsigned kMostDegrees = 10'000;  // from which on t differs no more from the normal's
constexpr double kWidest = 1e6;

/// The probability that Student's variable is within t of 0.
double within(double t, unsigned degrees) {
  const double theta = std::atan(t / std::sqrt(degrees));
  const double cosine = std::cos(theta);
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1;
  double sum = degrees == 1 ? 0 : term;
  for (unsigned k = odd ? 2 : 1; k + 2 < degrees; k += 2) {
    term *= cosine * cosine * k / (k + 1);
    sum += term;
  }
  const double all = std::sin(theta) * sum;
  return odd ? (theta + all) * 2 / std::numbers::pi : all;
}

/// The variance of the sample's mean.
double variance_of_mean(std::span<const double> values) {
  const double middle = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - middle) * (value - middle);
  const auto count = static_cast<double>(values.size());
  return squares / (count - 1) / count;
}

}  // namespace

double student_t(double confidence, unsigned degrees) {
  assert(degrees > 0 && confidence > 0 && confidence < 1);
  double low = 0;
  double high = kWidest;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (within(middle, degrees) < confidence ? low : high) = middle;
  }
  return high;
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Interval welch(std::span<const double> a, std::span<const double> b, double confidence) {
  assert(a.size() > 1 && b.size() > 1);
  const double difference = mean(b) - mean(a);
  const double of_a = variance_of_mean(a);
  const double of_b = variance_of_mean(b);
  if (of_a + of_b == 0) return {difference, difference};
  const double degrees = (of_a + of_b) * (of_a + of_b) /
                         (of_a * of_a / static_cast<double>(a.size() - 1) +
                          of_b * of_b / static_cast<double>(b.size() - 1));
  const double half =
      std::sqrt(of_a + of_b) *
      student_t(confidence, static_cast<unsigned>(std::clamp(degrees, 1.0, double{kMostDegrees})));
  return {difference - half, difference + half};
}

}  // namespace rekey::bench::report
