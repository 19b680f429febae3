// SPDX-License-Identifier: Apache-2.0
//
// How often a comparison says that there is a difference: where there is none, and where there is.
#include "report/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "bench/report/load_result.h"
#include "report/comparison_report.h"

namespace rekey::bench::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kComparisons = 1'000;
constexpr double kThreeDeviations = 0.021;  // of the share of 1,000 that has probability 0.05

/// A machine that draws how its runs come out.
class Runs {
 public:
  explicit Runs(unsigned seed) : random_(seed) {}

  /// A run whose latencies are `slower` times as long; each metric varies by itself, by a tenth.
  Result run(double slower) {
    Json json = load_result();
    for (const char* percentile : {"p50", "p90", "p99", "p99.9"}) {
      json["latency_seconds"][percentile] =
          json["latency_seconds"][percentile].get<double>() * slower * std::exp(0.1 * normal());
    }
    json["requests_per_second"]["answered"] = 1'000 + 5 * normal();
    return {"run", std::move(json)};
  }

  std::vector<Result> runs(std::size_t count, double slower = 1) {
    std::vector<Result> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(run(slower));
    return all;
  }

  /// A run whose intervals remember half of how the one before them was.
  Result run_with_timeline(double slower) {
    Json json = load_result();
    double memory = normal();
    for (Json& interval : json["timeline"]["intervals"]) {
      memory = 0.5 * memory + std::sqrt(0.75) * normal();
      interval["max_seconds"] = 0.005 * slower * std::exp(0.3 * memory);
      interval["answers"] = std::lround(167 + 13 * normal());
    }
    return {"run", std::move(json)};
  }

 private:
  double normal() { return normal_(random_); }

  std::mt19937 random_;
  std::normal_distribution<double> normal_;
};

Comparison compared(std::vector<Result> a, std::vector<Result> b) {
  Comparison comparison;
  const Status status = compare(std::move(a), std::move(b), &comparison);
  EXPECT_TRUE(status.ok()) << status.message();
  return comparison;
}

const Line& line(const Comparison& comparison, const std::string& metric) {
  static const Line none;
  for (const Line& line : comparison.lines) {
    if (line.metric == metric) return line;
  }
  ADD_FAILURE() << "no " << metric;
  return none;
}

TEST(Comparison, OfRunsOfOneDistributionErrsAsOftenAsItSays) {
  Runs machine(1);
  int differ = 0;
  for (int i = 0; i < kComparisons; ++i) {
    if (compared(machine.runs(5), machine.runs(5)).differs()) ++differ;
  }
  const double share = differ / double{kComparisons};
  EXPECT_LE(share, 1 - kConfidence + kThreeDeviations);
  EXPECT_GE(share, 0.01) << "intervals that never err are wider than they need be";
}

TEST(Comparison, OfStretchesOfOneDistributionErrsAsOftenAsItSays) {
  Runs machine(2);
  int differ = 0;
  for (int i = 0; i < kComparisons; ++i) {
    if (compared({machine.run_with_timeline(1)}, {machine.run_with_timeline(1)}).differs()) {
      ++differ;
    }
  }
  EXPECT_LE(differ / double{kComparisons}, 1 - kConfidence + kThreeDeviations);
}

TEST(Comparison, FindsWhatIsThere) {
  Runs machine(3);
  int found = 0;
  for (int i = 0; i < 200; ++i) {
    const Comparison comparison = compared(machine.runs(5), machine.runs(5, 1.5));
    if (line(comparison, "latency_seconds/p99").verdict == Verdict::kHigher) ++found;
    EXPECT_NE(line(comparison, "latency_seconds/p99").verdict, Verdict::kLower);
  }
  EXPECT_GE(found, 180);
}

TEST(Comparison, FindsWhatIsThereInStretches) {
  Runs machine(4);
  const Comparison comparison =
      compared({machine.run_with_timeline(2)}, {machine.run_with_timeline(1)});
  EXPECT_EQ(comparison.basis, Basis::kStretches);
  EXPECT_EQ(line(comparison, "timeline/max_seconds").verdict, Verdict::kLower);
  EXPECT_EQ(line(comparison, "timeline/answers_per_second").verdict, Verdict::kNoDifference);
  EXPECT_EQ(line(comparison, "latency_seconds/p99").verdict, Verdict::kNotJudged);
  EXPECT_THAT(to_text(comparison), HasSubstr("longest of an interval (ms): B is lower: better"));
}

TEST(Comparison, TakesNothingForADifferenceThatIsFinerThanTheHistogram) {
  Result finer{"b.json", load_result()};
  finer.json["latency_seconds"]["p99"] = 0.004 * 1.001;
  const Result a{"a.json", load_result()};
  const Comparison comparison = compared({a, a}, {finer, finer});
  EXPECT_EQ(line(comparison, "latency_seconds/p99").verdict, Verdict::kNoDifference);
  EXPECT_THAT(to_text(comparison), HasSubstr("No difference shown."));
  finer.json["latency_seconds"]["p99"] = 0.004 * 1.01;
  EXPECT_TRUE(compared({a, a}, {finer, finer}).differs());
}

TEST(Comparison, JudgesNoPercentileOfAFewAnswers) {
  Result few{"few.json", load_result()};
  few.json["latency_seconds"]["count"] = 9'999;
  const Result many{"many.json", load_result()};
  for (const Line& line : compared({many, many}, {many, few}).lines) {
    EXPECT_NE(line.metric, "latency_seconds/p99.9");
  }
}

TEST(Comparison, SaysWhatWasDifferentBesides) {
  Result b{"b.json", load_result()};
  b.json["machine"]["cpu"] = "another machine";
  b.json["tls"] = true;
  const Comparison comparison = compared({{"a.json", load_result()}}, {b});
  ASSERT_EQ(comparison.differing.size(), 2U);
  EXPECT_EQ(comparison.differing[0].name, "machine");
  EXPECT_THAT(comparison.differing[0].b, ElementsAre("another machine, 2 CPUs"));
  EXPECT_THAT(to_text(comparison),
              HasSubstr("differing  machine: A a machine, 2 CPUs; B another machine, 2 CPUs"));
  EXPECT_EQ(to_json(comparison)["differing_conditions"][1]["name"], "servers");
  EXPECT_THAT(comparison_page(comparison).html(), HasSubstr("<td>another machine, 2 CPUs</td>"));
}

TEST(Comparison, ComparesSearchesByTheirKnees) {
  Result faster{"b.json", knee_result()};
  faster.json["knee"]["due_per_second"] = 4'000.0;
  const Result a{"a.json", knee_result()};
  const Comparison comparison = compared({a, a}, {faster, faster});
  ASSERT_EQ(comparison.lines.size(), 1U);
  EXPECT_EQ(comparison.lines[0].verdict, Verdict::kHigher);
  EXPECT_THAT(to_text(comparison), HasSubstr("B is higher: better"));
  // A search closes in to within 5 %.
  faster.json["knee"]["due_per_second"] = 2'100.0;
  EXPECT_FALSE(compared({a, a}, {faster, faster}).differs());
}

TEST(Comparison, WritesJson) {
  const Result a{"a.json", load_result()};
  Result b{"b.json", load_result()};
  b.json["latency_seconds"]["p50"] = 0.002;
  const Json json = to_json(compared({a, a}, {b, b}));
  EXPECT_EQ(json["benchmark"], "load-comparison");
  EXPECT_EQ(json["basis"], "runs");
  EXPECT_EQ(json["differs"], true);
  EXPECT_DOUBLE_EQ(json["confidence_each"].get<double>(), 1 - 0.05 / 6);
  EXPECT_EQ(json["metrics"][2]["metric"], "latency_seconds/p50");
  EXPECT_EQ(json["metrics"][2]["verdict"], "higher");
  EXPECT_NEAR(json["metrics"][2]["difference"]["low"].get<double>(), 0.001, 1e-5);
  EXPECT_EQ(json["metrics"][3]["verdict"], "no difference shown");
}

TEST(Comparison, RefusesWhatCannotBeCompared) {
  const auto complaint = [](std::vector<Result> a, std::vector<Result> b) {
    Comparison comparison;
    return compare(std::move(a), std::move(b), &comparison).message();
  };
  const Result a{"a.json", load_result()};
  const auto with = [](const char* field, const Json& value) {
    Json json = load_result();
    json[Json::json_pointer(field)] = value;
    return Result{"b.json", json};
  };
  EXPECT_EQ(complaint({a}, {with("/scenario/name", "train")}),
            "b.json: scenario/name: expected \"poisson\" as in a.json, found \"train\"");
  EXPECT_EQ(complaint({a}, {with("/scenario/speed", 2.0)}),
            "b.json: scenario/speed: expected 1.0 as in a.json, found 2.0");
  EXPECT_THAT(complaint({a}, {with("/requests_per_second/due", 1'100.0)}),
              HasSubstr("b.json: requests_per_second/due: expected within 5 % of 1000"));
  EXPECT_EQ(complaint({a}, {with("/verification/wrong", 1)}),
            "b.json: verification/wrong: expected 0, found 1");
  EXPECT_THAT(complaint({a}, {{"k.json", knee_result()}}), HasSubstr("k.json: benchmark: "));
  EXPECT_THAT(complaint({a}, {a, a}), HasSubstr("at least two, found 1 and 2"));
  EXPECT_THAT(complaint({a}, {with("/timeline/intervals", Json::array())}),
              HasSubstr("b.json: timeline/intervals: expected at least 20"));
  EXPECT_THAT(complaint({{"k.json", knee_result()}}, {{"k.json", knee_result()}}),
              HasSubstr("at least two searches"));
}

}  // namespace
}  // namespace rekey::bench::report
