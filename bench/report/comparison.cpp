// SPDX-License-Identifier: Apache-2.0
#include "report/comparison.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "report/conditions.h"
#include "report/metrics_of.h"

namespace rekey::bench::report {
namespace {

constexpr double kRatesWithin = 0.05;

/// What the load was: everything in the scenario that is no condition of its own.
Json load_of(const Result& result) {
  Json load = result.json["scenario"];
  for (const char* condition : {"source", "seed", "warm_up_seconds"}) load.erase(condition);
  if (result.is_knee()) {
    load.erase("speed");  // what was found
    load["p99_at_most_seconds"] = result.json["p99_at_most_seconds"];
  }
  return load;
}

Status expected(const Result& result, const std::string& field, const std::string& what,
                const std::string& found) {
  return Status::invalid_argument(result.name + ": " + field + ": expected " + what + ", found " +
                                  found);
}

/// Whether `other` was under the same load as `first`.
Status check_same(const Result& first, const Result& other) {
  const std::string as_in = " as in " + first.name;
  if (other.json["benchmark"] != first.json["benchmark"]) {
    return expected(other, "benchmark", first.json["benchmark"].dump() + as_in,
                    other.json["benchmark"].dump());
  }
  const Json load = load_of(first);
  const Json found = load_of(other);
  for (const auto& [field, value] : load.items()) {
    const Json same = found.value(field, Json());
    if (same != value) {
      return expected(other, "scenario/" + field, value.dump() + as_in, same.dump());
    }
  }
  if (first.is_knee()) return {};
  const double rate = first.json["requests_per_second"]["due"];
  const double other_rate = other.json["requests_per_second"]["due"];
  if (std::abs(other_rate - rate) > kRatesWithin * rate) {
    return expected(other, "requests_per_second/due",
                    "within 5 % of " + std::to_string(rate) + as_in, std::to_string(other_rate));
  }
  if (other.json["verification"]["wrong"] > 0) {
    return expected(other, "verification/wrong", "0", other.json["verification"]["wrong"].dump());
  }
  return {};
}

std::vector<std::string> values(const std::vector<Result>& results, const std::string& name) {
  std::vector<std::string> values;
  for (const Result& result : results) {
    std::string value = condition(result.json, name);
    if (std::ranges::find(values, value) == values.end()) values.push_back(std::move(value));
  }
  return values;
}

void compare_conditions(Comparison* comparison) {
  for (const std::string name : condition_names()) {
    if (name == "scenario") continue;  // of a search it has the speed that was found
    Differing condition{name, values(comparison->a, name), values(comparison->b, name)};
    if (condition.a.size() > 1 || condition.a != condition.b) {
      comparison->differing.push_back(std::move(condition));
    }
  }
}

void judge(const Samples& a, const Samples& b, double confidence, Line* line) {
  Interval interval = welch(a.values, b.values, confidence);
  // What is finer than the figures are is no difference.
  const double resolution = mean(a.resolutions) + mean(b.resolutions);
  interval.low -= resolution;
  interval.high += resolution;
  line->difference = interval;
  line->verdict = interval.low > 0    ? Verdict::kHigher
                  : interval.high < 0 ? Verdict::kLower
                                      : Verdict::kNoDifference;
}

void compare_metrics(Comparison* comparison) {
  const std::vector<Metric> metrics =
      comparison->basis == Basis::kRuns ? metrics_of_runs(comparison->a, comparison->b)
                                        : metrics_of_stretches(comparison->a[0], comparison->b[0]);
  const auto judged = std::ranges::count_if(metrics, &Metric::judged);
  // Bonferroni's: all hold together at least as often as was asked for.
  comparison->confidence_each = 1 - (1 - kConfidence) / static_cast<double>(std::max(judged, {1}));
  for (const Metric& metric : metrics) {
    Line line{metric.name,           metric.title,          metric.unit,
              metric.more_is_better, mean(metric.a.values), mean(metric.b.values)};
    if (metric.judged()) judge(metric.a, metric.b, comparison->confidence_each, &line);
    comparison->lines.push_back(std::move(line));
  }
}

}  // namespace

bool Comparison::differs() const {
  return std::ranges::any_of(lines, [](const Line& line) {
    return line.verdict == Verdict::kLower || line.verdict == Verdict::kHigher;
  });
}

Status compare(std::vector<Result> a, std::vector<Result> b, Comparison* out_comparison) {
  const bool single = a.size() == 1 && b.size() == 1;
  if (!single && (a.size() < 2 || b.size() < 2)) {
    return Status::invalid_argument("expected one result on each side, or at least two, found " +
                                    std::to_string(a.size()) + " and " + std::to_string(b.size()));
  }
  for (const auto* side : {&a, &b}) {
    for (const Result& result : *side) {
      if (Status s = check_same(a.front(), result); !s.ok()) return s;
    }
  }
  if (single) {
    for (const auto* side : {&a, &b}) {
      if (Status s = check_stretches(side->front()); !s.ok()) return s;
    }
  }
  *out_comparison = {
      std::move(a), std::move(b), single ? Basis::kStretches : Basis::kRuns, 0, {}, {}};
  compare_conditions(out_comparison);
  compare_metrics(out_comparison);
  return {};
}

}  // namespace rekey::bench::report
