// SPDX-License-Identifier: Apache-2.0
//
// Whether two sides of results differ by more than chance makes them. With several runs on each
// side the runs are compared; with one on each, what its timeline says of stretches of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/result.h"
#include "report/welch.h"

namespace rekey::bench::report {

/// The probability that all intervals of a comparison hold together.
inline constexpr double kConfidence = 0.95;

enum class Verdict {
  kNoDifference,  ///< none was shown: the interval holds 0
  kLower,         ///< b is lower than a
  kHigher,
  kNotJudged,  ///< there is no interval
};

/// Line is one metric, times in seconds.
struct Line {
  std::string metric;  ///< as in the JSON: `latency_seconds/p99`
  std::string title;   ///< for people, with the unit
  double unit = 1;     ///< what to multiply with for that unit
  bool more_is_better = false;
  double a = 0;  ///< means
  double b = 0;
  std::optional<Interval> difference{};  ///< of b less a
  Verdict verdict = Verdict::kNotJudged;
};

/// Differing is a condition that was not the same in all runs.
struct Differing {
  std::string name;
  std::vector<std::string> a;  ///< the values, each once
  std::vector<std::string> b;
};

enum class Basis { kRuns, kStretches };

struct Comparison {
  std::vector<Result> a;
  std::vector<Result> b;
  Basis basis = Basis::kRuns;
  double confidence_each = kConfidence;  ///< of each interval, so that all hold together
  std::vector<Line> lines;
  std::vector<Differing> differing;

  /// Whether a difference was shown at all.
  [[nodiscard]] bool differs() const;
};

/// compare compares results of one scenario: one on each side or at least two. kInvalidArgument,
/// naming file and field, where the scenarios or their rates differ, a result has a wrong key, or
/// a single run is too short.
Status compare(std::vector<Result> a, std::vector<Result> b, Comparison* out_comparison);

}  // namespace rekey::bench::report
