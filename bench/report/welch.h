// SPDX-License-Identifier: Apache-2.0
//
// Welch's comparison of two means: B. L. Welch, "The generalization of 'Student's' problem when
// several different population variances are involved", Biometrika 34 (1947).
#pragma once

#include <span>

namespace rekey::bench::report {

/// student_t returns the t that a variable of Student's distribution stays within, on both sides of
/// 0, with probability `confidence`: 2.776 for 0.95 and 4 degrees of freedom, of which there must
/// be at least one. By the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4.
double student_t(double confidence, unsigned degrees);

struct Interval {
  double low = 0;
  double high = 0;
};

double mean(std::span<const double> values);

/// welch returns the interval that holds the difference of the means, b's less a's, with
/// probability `confidence`, whatever the two variances are. Each sample has at least two values,
/// independent of each other. The degrees of freedom are rounded down.
Interval welch(std::span<const double> a, std::span<const double> b, double confidence);

}  // namespace rekey::bench::report
