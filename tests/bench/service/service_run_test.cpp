// SPDX-License-Identifier: Apache-2.0
//
// From slices to figures, bars, JSON and the table.
#include "service/service_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/service_report.h"

namespace rekey::bench {
namespace {

using testing::HasSubstr;

Slice steady(std::uint64_t answers, double seconds) { return {seconds, answers, 0.5, {}}; }

Slice burst(double seconds) { return {1, 1, 0.5, {seconds}}; }

const Shape kColumns{"columns",
                     Rpc::kColumns,
                     10,
                     0,
                     2,
                     {EchoWay::kTyped, EchoWay::kRaw},
                     {{Measure::kRate, EchoWay::kRaw, 0.85}}};
const Shape kLone{"lone",
                  Rpc::kRows,
                  1,
                  1,
                  1,
                  {EchoWay::kTyped},
                  {{Measure::kP50, EchoWay::kTyped, 1.15}, {Measure::kP99, EchoWay::kTyped, 3}}};

TEST(Percentile, IsTheValueThatAShareDoesNotExceed) {
  EXPECT_EQ(percentile({7}, 0.99), 7);
  EXPECT_EQ(percentile({4, 1, 3, 2}, 0.5), 2);
  EXPECT_EQ(percentile({5, 1, 4, 2, 3}, 0.5), 3);
  std::vector<double> hundred;
  for (int i = 100; i > 0; --i) hundred.push_back(i);
  EXPECT_EQ(percentile(hundred, 0.99), 99);
}

TEST(SummarizeShape, ComparesRatesRoundByRound) {
  // The machine is half as fast in the second round: no ratio moves.
  const ShapeReport report = summarize_shape(kColumns, {{steady(80, 1), steady(40, 1)},
                                                        {steady(100, 1), steady(50, 1)},
                                                        {steady(40, 1), steady(40, 2)}});
  ASSERT_EQ(report.servers.size(), 3U);
  EXPECT_EQ(report.servers[0].name, "rekeyd");
  EXPECT_EQ(report.servers[0].messages_per_second.median, 60);
  EXPECT_EQ(report.servers[0].cpu_seconds_per_message.min, 0.5 / 80);
  EXPECT_FALSE(report.servers[0].p50);
  EXPECT_EQ(report.servers[1].name, "typed");
  EXPECT_DOUBLE_EQ(report.servers[1].rekeyd_ratio.min, 0.8);
  EXPECT_DOUBLE_EQ(report.servers[1].rekeyd_ratio.max, 0.8);
  EXPECT_EQ(report.servers[2].name, "raw");
  ASSERT_EQ(report.bars.size(), 1U);
  EXPECT_DOUBLE_EQ(report.bars[0].ratio.median, 2);
  EXPECT_TRUE(report.bars[0].met());
}

TEST(SummarizeShape, ComparesTimesByTheirPercentiles) {
  const ShapeReport report = summarize_shape(kLone, {{burst(0.3)}, {burst(0.2)}});
  ASSERT_TRUE(report.servers[0].p50);
  EXPECT_EQ(report.servers[0].p50->median, 0.3);
  EXPECT_EQ(report.servers[1].p99->median, 0.2);
  EXPECT_DOUBLE_EQ(report.servers[1].rekeyd_ratio.median, 1.5);
  EXPECT_FALSE(report.bars[0].met());
  EXPECT_TRUE(report.bars[1].met());
}

TEST(ServiceReportTest, WritesBarsAndFiguresAsJsonAndAsATable) {
  ServiceReport report;
  report.conditions = {{"a CPU", 2}, 1, {1, std::chrono::milliseconds(50)}};
  report.cores = {0, 1};
  report.shapes = {summarize_shape(kColumns, {{steady(80, 1)}, {steady(100, 1)}, {steady(100, 1)}}),
                   summarize_shape(kLone, {{burst(0.0003)}, {burst(0.0002)}})};
  const Json json = to_json(report);
  EXPECT_EQ(json.at("cores").at("client"), 1);
  EXPECT_EQ(json.at("tls"), false);
  const Json& columns = json.at("shapes").at(0);
  EXPECT_EQ(columns.at("shape"), "columns");
  EXPECT_EQ(columns.at("callers"), 1);
  EXPECT_EQ(columns.at("servers").at(0).at("ams_per_second").at("median"), 800);
  EXPECT_FALSE(columns.at("servers").at(0).contains("p50_seconds"));
  EXPECT_EQ(columns.at("bars").at(0).at("at_least"), 0.85);
  EXPECT_EQ(columns.at("bars").at(0).at("met"), false);
  const Json& lone = json.at("shapes").at(1);
  EXPECT_EQ(lone.at("servers").at(1).at("p99_seconds").at("median"), 0.0002);
  EXPECT_EQ(lone.at("bars").at(1).at("at_most"), 3);
  EXPECT_EQ(lone.at("bars").at(1).at("met"), true);

  const std::string table = to_text(report);
  EXPECT_THAT(table, HasSubstr("on core 0, the client on core 1; plaintext"));
  EXPECT_THAT(table, HasSubstr("rate at least 0.85: 0.80 MISSED"));
  EXPECT_THAT(table, HasSubstr("p50 at most 1.15: 1.50 MISSED"));
  EXPECT_THAT(table, HasSubstr("p99 at most 3.00: 1.50 met"));

  report.cores = {};
  EXPECT_TRUE(to_json(report).at("cores").is_null());
  EXPECT_THAT(to_text(report), HasSubstr("there is no other"));
}

}  // namespace
}  // namespace rekey::bench
