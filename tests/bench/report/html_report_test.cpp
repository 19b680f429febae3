// SPDX-License-Identifier: Apache-2.0
#include "report/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

namespace rekey::bench::report {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

/// The JSON in the page's element `id`.
ordered_json element(const std::string& html, const std::string& id) {
  const std::string begin = "<script type=\"application/json\" id=\"" + id + "\">";
  const std::size_t from = html.find(begin) + begin.size();
  return ordered_json::parse(html.substr(from, html.find("</script>", from) - from));
}

TEST(HtmlReport, EscapesAllText) {
  const std::string evil = "</script><b onload=\"x\">&";
  HtmlReport page(evil);
  page.section(evil);
  page.paragraph(evil);
  page.notice(evil);
  page.add(Table{.caption = evil, .columns = {evil}, .rows = {{evil}}});
  page.add(XyChart{.title = evil, .x = {evil}, .y = {evil}, .curves = {{evil, {{1, 2}}}}});
  page.add(BarChart{
      .title = evil, .x_title = evil, .y = {evil}, .categories = {evil}, .series = {{evil, {1}}}});
  page.add(RangeChart{.title = evil, .x = {evil}, .ranges = {{evil, 1, 2}}});
  page.attach({{evil, evil}});
  const std::string html = page.html();
  EXPECT_EQ(html.find("<b "), html.npos);
  EXPECT_EQ(html.find("</script><b"), html.npos);
  EXPECT_EQ(element(html, "data"), ordered_json({{evil, evil}}));
  EXPECT_EQ(element(html, "charts").at(0).at("x").at("title"), evil);
}

TEST(HtmlReport, DescribesEveryChartInTheOrderOfTheCanvases) {
  HtmlReport page("title");
  page.add(XyChart{.title = "one",
                   .x = {"time (s)"},
                   .y = {"latency (ms)", Scale::kLogarithmic},
                   .curves = {{"a", {{0, 1}, {1, 0}, {2, NAN}}}, {"b", {{0, 5}}, Draw::kDashed}}});
  page.add(BarChart{.title = "two",
                    .x_title = "case",
                    .y = {"servers"},
                    .categories = {"now", "later"},
                    .series = {{"CPU", {1, 2}}, {"GPU", {3, 4}}}});
  page.add(RangeChart{
      .title = "three", .x = {"change (%)"}, .ranges = {{"p99", -2, 3}}, .reference = 0});
  const std::string html = page.html();
  const ordered_json charts = element(html, "charts");
  ASSERT_EQ(charts.size(), 3U);
  EXPECT_EQ(charts[0].at("y").at("logarithmic"), true);
  EXPECT_EQ(charts[0].at("series")[0].at("points").dump(),
            R"([{"x":0.0,"y":1.0},{"x":1.0,"y":null},{"x":2.0,"y":null}])")
      << "what a logarithmic axis or no axis has a place for is a gap";
  EXPECT_EQ(charts[0].at("series")[1].at("draw"), "dashed");
  EXPECT_EQ(charts[1].at("series")[1].at("values").dump(), "[3.0,4.0]");
  EXPECT_EQ(charts[2].at("ranges").dump(), "[[-2.0,3.0]]");
  EXPECT_EQ(charts[2].at("reference"), 0);
  EXPECT_LT(html.find("one"), html.find("two"));
  EXPECT_LT(html.find("two"), html.find("three"));
}

TEST(HtmlReport, SetsColumnsOfFiguresToTheRight) {
  HtmlReport page("title");
  page.add(Table{.columns = {"what", "how much"}, .rows = {{"p99", "27.5"}, {"3", "-3 %"}}});
  const std::string html = page.html();
  EXPECT_THAT(html, HasSubstr("<td>p99</td><td class=\"figure\">27.5</td>"));
  EXPECT_THAT(html, HasSubstr("<td>3</td><td class=\"figure\">-3 %</td>"));
}

TEST(HtmlReport, SaysWhereItCannotWrite) {
  const Status status = HtmlReport("title").write("/nowhere/page.html");
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("/nowhere/page.html"));
}

}  // namespace
}  // namespace rekey::bench::report
