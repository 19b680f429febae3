// SPDX-License-Identifier: Apache-2.0
//
// The samples that a comparison compares.
#pragma once

#include <string>
#include <vector>

#include "report/result.h"

namespace rekey::bench::report {

struct Samples {
  std::vector<double> values;
  std::vector<double> resolutions;  ///< how finely each could be told at all
};

struct Metric {
  std::string name;   ///< as in the JSON
  std::string title;  ///< for people, with the unit
  double unit = 1;    ///< what to multiply with for that unit
  bool more_is_better = false;
  Samples a;
  Samples b;

  /// Whether there is more than one value on each side.
  [[nodiscard]] bool judged() const { return a.values.size() > 1 && b.values.size() > 1; }
};

/// metrics_of_runs has a value for each run: of loads the rate answered, the share not answered,
/// and those percentiles that ten answers of every run lie beyond; of searches the rate at the
/// knee, where every run found one.
std::vector<Metric> metrics_of_runs(const std::vector<Result>& a, const std::vector<Result>& b);

/// check_stretches says whether a result has a timeline that is long enough to be cut.
/// kInvalidArgument names it.
Status check_stretches(const Result& result);

/// metrics_of_stretches has a value for each tenth of a load's timeline: the rate answered, the
/// rate not answered, the mean of the intervals' longest latencies. Neighbouring intervals are much
/// alike, tenths hardly. Percentiles follow with one value a side.
std::vector<Metric> metrics_of_stretches(const Result& a, const Result& b);

}  // namespace rekey::bench::report
