// SPDX-License-Identifier: Apache-2.0
//
// Measures several things in one process by turns, in slices short enough that whatever disturbs
// the machine disturbs all alike. What is compared is compared within one round.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <vector>

#include "rekey/status.h"

namespace rekey::bench {

/// Plan says how long is measured.
struct Plan {
  unsigned rounds = 0;
  std::chrono::nanoseconds slice{0};  ///< of one contender in one round, at least

  /// for_seconds spreads `seconds` of measuring over at least 5 rounds.
  static Plan for_seconds(double seconds);
};

/// measure_interleaved calls every task by turns, in each round as often as fills a slice, but at
/// least once, and writes calls per second: `(*out_rates)[task][round]`. The order is rotated by
/// one from round to round, so that nobody always follows the same neighbour. Returns the first
/// failure of a task.
Status measure_interleaved(std::span<const std::function<Status()>> tasks, const Plan& plan,
                           std::vector<std::vector<double>>* out_rates);

/// Summary is what is reported of the values of all rounds.
struct Summary {
  double median = 0;
  double min = 0;
  double max = 0;
};

/// summarize returns the median and the extremes of at least one value.
Summary summarize(std::vector<double> values);

/// ratios divides round by round.
std::vector<double> ratios(std::span<const double> rates, std::span<const double> baseline);

}  // namespace rekey::bench
