// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/metrics_sample.h"

#include <gtest/gtest.h>

namespace rekey::ctl {
namespace {

MetricsSample sample(std::string_view text) {
  MetricsSample sample;
  EXPECT_EQ(MetricsSample::parse(text, &sample).message(), "");
  return sample;
}

TEST(MetricsSample, AddsUpSeriesByLabels) {
  const MetricsSample s = sample(
      "# HELP a An a\n# TYPE a counter\n"
      "a{x=\"1\",y=\"p\"} 3\na{x=\"1\",y=\"q\"} 4\na{x=\"2\",y=\"p\"} 0.5\nb 1e-05\n");
  EXPECT_EQ(s.sum("a"), 7.5);
  EXPECT_EQ(s.sum("a", {{"x", "1"}}), 7);
  EXPECT_EQ(s.sum("a", {{"x", "1"}, {"y", "q"}}), 4);
  EXPECT_EQ(s.sum("a", {{"x", "3"}}), 0);
  EXPECT_EQ(s.sum("b"), 1e-5);
  EXPECT_EQ(s.sum("c"), 0);
  EXPECT_EQ(s.by("a", "x"), (std::map<std::string, double>{{"1", 7}, {"2", 0.5}}));
}

TEST(MetricsSample, LabelsMayHoldWhatEndsOthers) {
  const MetricsSample s = sample("a{x=\"},\\\"=\",y=\"\"} 2\n");
  EXPECT_EQ(s.sum("a", {{"x", "},\"="}, {"y", ""}}), 2);
}

TEST(MetricsSample, NamesTheLineThatIsNoSample) {
  for (const char* text : {"a", "a{x=\"1\" 2", "a{x=1} 2", "a 2 3", "a{x=\"1\"}2", " 1", "a x",
                           "a{x=\"\\", "a{", "a "}) {
    MetricsSample s;
    EXPECT_EQ(MetricsSample::parse(text, &s).message(),
              "metrics: expected NAME{LABELS} NUMBER, found " + std::string(text));
  }
}

TEST(MetricsSample, SinceIsWhatWasAddedAlsoAcrossARestart) {
  const MetricsSample before = sample("a 10\nb 10\n");
  const MetricsSample now = sample("a 12\nb 3\nc 5\n");
  const MetricsSample since = now.since(before);
  EXPECT_EQ(since.sum("a"), 2);
  EXPECT_EQ(since.sum("b"), 3);
  EXPECT_EQ(since.sum("c"), 5);
}

TEST(MetricsSample, QuantilesLieInTheirBuckets) {
  const MetricsSample s = sample(
      "h_bucket{e=\"x\",le=\"1\"} 0\nh_bucket{e=\"x\",le=\"2\"} 50\nh_bucket{e=\"x\",le=\"4\"} 90\n"
      "h_bucket{e=\"x\",le=\"+Inf\"} 90\n"
      "h_bucket{e=\"y\",le=\"1\"} 0\nh_bucket{e=\"y\",le=\"2\"} 0\nh_bucket{e=\"y\",le=\"4\"} 0\n"
      "h_bucket{e=\"y\",le=\"+Inf\"} 10\n");
  EXPECT_DOUBLE_EQ(s.quantile("h", 0.25), 1.5);
  EXPECT_DOUBLE_EQ(s.quantile("h", 0.5), 2);
  EXPECT_DOUBLE_EQ(s.quantile("h", 0.7), 3);
  EXPECT_DOUBLE_EQ(s.quantile("h", 0.99), 4) << "beyond the last bound";
  EXPECT_EQ(s.quantile("none", 0.5), 0);
}

}  // namespace
}  // namespace rekey::ctl
