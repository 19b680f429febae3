// SPDX-License-Identifier: Apache-2.0
#include "report/metrics_of.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

namespace rekey::bench::report {
namespace {

constexpr double kHistogram = 1e-3;  // each percentile is within a thousandth
constexpr double kSearch = 0.05;     // a knee is closed in to within a twentieth
constexpr double kMs = 1e3;          // what seconds are multiplied with
constexpr double kPercent = 100;
constexpr double kFewestBeyond = 10;
constexpr std::size_t kStretches = 10;
constexpr std::size_t kFewestIntervals = 2 * kStretches;

/// One value and how finely it can be told.
struct Value {
  double value = 0;
  double resolution = 0;
};

double measured(const Json& json) { return number(json, "/measured_seconds"); }

Value answered(const Json& json) {
  return {number(json, "/requests_per_second/answered"), 1 / measured(json)};
}

Value unanswered(const Json& json) {
  const double due = number(json, "/requests/due");
  if (due == 0) return {};
  return {(number(json, "/requests/failed") + number(json, "/requests/unsent")) / due, 1 / due};
}

template <typename Read>
Samples samples(std::span<const Result> results, Read read) {
  Samples samples;
  for (const Result& result : results) {
    const Value value = read(result.json);
    samples.values.push_back(value.value);
    samples.resolutions.push_back(value.resolution);
  }
  return samples;
}

/// Those that are more than the latencies of a few answers by another name.
std::vector<Metric> percentiles(std::span<const Result> a, std::span<const Result> b) {
  double fewest = HUGE_VAL;
  for (const auto side : {a, b}) {
    for (const Result& result : side) {
      fewest = std::min(fewest, number(result.json, "/latency_seconds/count"));
    }
  }
  std::vector<Metric> metrics;
  for (const Percentile& percentile : kPercentiles) {
    if (percentile.one_of * kFewestBeyond > fewest) continue;
    const std::string name = percentile.name;
    const auto read = [path = "/latency_seconds/" + name](const Json& json) {
      const double seconds = number(json, path);
      return Value{seconds, seconds * kHistogram};
    };
    metrics.push_back({"latency_seconds/" + name, "latency " + name + " (ms)", kMs, false,
                       samples(a, read), samples(b, read)});
  }
  return metrics;
}

bool all_found(std::span<const Result> results) {
  return std::ranges::all_of(
      results, [](const Result& result) { return result.json.value("knee", Json()).is_object(); });
}

std::vector<Metric> metrics_of_searches(const std::vector<Result>& a,
                                        const std::vector<Result>& b) {
  if (!all_found(a) || !all_found(b)) return {};
  const auto read = [](const Json& json) {
    const double rate = number(json, "/knee/due_per_second");
    return Value{rate, rate * kSearch};
  };
  return {{"knee/due_per_second", "rate at the knee (requests/s)", 1, true, samples(a, read),
           samples(b, read)}};
}

/// The intervals of a timeline that are whole.
std::size_t whole_intervals(const Json& json) {
  const double interval = number(json, "/timeline/interval_seconds");
  const std::size_t count = json["timeline"]["intervals"].size();
  const bool whole = static_cast<double>(count) * interval < measured(json) * (1 + kHistogram);
  return whole || count == 0 ? count : count - 1;
}

/// What one stretch says, if anything.
using ReadStretch = std::optional<Value> (*)(std::span<const Json> intervals, double seconds);

/// A rate; of all stretches together it is told to within one request.
Value rate(std::span<const Json> intervals, const char* field, double seconds) {
  double count = 0;
  for (const Json& interval : intervals) count += interval[field].get<double>();
  return {count / seconds, 1 / (seconds * kStretches)};
}

std::optional<Value> answers(std::span<const Json> intervals, double seconds) {
  return rate(intervals, "answers", seconds);
}

std::optional<Value> errors(std::span<const Json> intervals, double seconds) {
  return rate(intervals, "errors", seconds);
}

std::optional<Value> longest(std::span<const Json> intervals, double /*seconds*/) {
  double sum = 0;
  double count = 0;
  for (const Json& interval : intervals) {
    if (number(interval, "/answers") == 0) continue;
    sum += number(interval, "/max_seconds");
    ++count;
  }
  if (count == 0) return std::nullopt;
  return Value{sum / count, 0};
}

Samples stretches(const Result& result, ReadStretch read) {
  const Json& timeline = result.json["timeline"];
  const std::size_t length = whole_intervals(result.json) / kStretches;
  const double seconds = static_cast<double>(length) * timeline["interval_seconds"].get<double>();
  const std::vector<Json> intervals(timeline["intervals"].begin(), timeline["intervals"].end());
  Samples samples;
  for (std::size_t i = 0; i < kStretches; ++i) {
    const std::optional<Value> value =
        read(std::span(intervals).subspan(i * length, length), seconds);
    if (!value) continue;
    samples.values.push_back(value->value);
    samples.resolutions.push_back(value->resolution);
  }
  return samples;
}

}  // namespace

std::vector<Metric> metrics_of_runs(const std::vector<Result>& a, const std::vector<Result>& b) {
  if (a.front().is_knee()) return metrics_of_searches(a, b);
  std::vector<Metric> metrics = {{"requests_per_second/answered", "answered (requests/s)", 1, true,
                                  samples(a, answered), samples(b, answered)},
                                 {"unanswered_share", "not answered (%)", kPercent, false,
                                  samples(a, unanswered), samples(b, unanswered)}};
  for (Metric& metric : percentiles(a, b)) metrics.push_back(std::move(metric));
  return metrics;
}

Status check_stretches(const Result& result) {
  if (result.is_knee()) {
    return Status::invalid_argument(
        result.name + ": expected at least two searches on each side: one has no timeline");
  }
  const std::size_t intervals = whole_intervals(result.json);
  if (intervals < kFewestIntervals) {
    return Status::invalid_argument(
        result.name + ": timeline/intervals: expected at least " +
        std::to_string(kFewestIntervals) + " to compare single runs by, found " +
        std::to_string(intervals) + ": measure for longer, or compare several runs");
  }
  return {};
}

std::vector<Metric> metrics_of_stretches(const Result& a, const Result& b) {
  std::vector<Metric> metrics = {{"timeline/answers_per_second", "answered (requests/s)", 1, true,
                                  stretches(a, answers), stretches(b, answers)},
                                 {"timeline/errors_per_second", "not answered (requests/s)", 1,
                                  false, stretches(a, errors), stretches(b, errors)},
                                 {"timeline/max_seconds", "longest of an interval (ms)", kMs, false,
                                  stretches(a, longest), stretches(b, longest)}};
  std::erase_if(metrics, [](const Metric& metric) {
    return metric.a.values.empty() || metric.b.values.empty();
  });
  for (Metric& metric : percentiles({&a, 1}, {&b, 1})) metrics.push_back(std::move(metric));
  return metrics;
}

}  // namespace rekey::bench::report
