// SPDX-License-Identifier: Apache-2.0
#include "report/load_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/report/load_result.h"

namespace rekey::bench::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string page_of(const Json& json) {
  const Status checked = check_result("r.json", json);
  EXPECT_TRUE(checked.ok()) << checked.message();
  return load_page({{"r.json", json}}).html();
}

/// What the page tells its script to draw.
Json charts_of(const std::string& html) {
  const std::string begin = "id=\"charts\">";
  const std::size_t from = html.find(begin) + begin.size();
  return Json::parse(html.substr(from, html.find("</script>", from) - from));
}

TEST(LoadPage, ShowsWhatTheResultSays) {
  const std::string html = page_of(load_result());
  EXPECT_THAT(html, HasSubstr("<title>Load: poisson</title>"));
  EXPECT_THAT(html, HasSubstr("<td>due</td><td class=\"figure\">10,000</td>"
                              "<td class=\"figure\">1,000</td>"));
  EXPECT_THAT(html, HasSubstr("<td>latency from due</td><td class=\"figure\">1.1</td>"
                              "<td class=\"figure\">1</td><td class=\"figure\">2</td>"));
  EXPECT_THAT(html, HasSubstr("<td>a machine, 2 CPUs</td>"));
  EXPECT_THAT(html, HasSubstr("<td>rekeyd 1.2.3, engines simd openssl; plaintext</td>"));
  EXPECT_THAT(html, Not(HasSubstr("<p class=\"notice\">R")));
  const Json charts = charts_of(html);
  ASSERT_EQ(charts.size(), 3U);
  EXPECT_EQ(charts[0]["series"][0]["points"].size(), 5U);
  EXPECT_EQ(charts[1]["series"][0]["points"].size(), 60U);
  EXPECT_NEAR(charts[1]["series"][0]["points"][30]["y"].get<double>(), 167 * 6, 1e-6);
  EXPECT_NEAR(charts[2]["series"][0]["points"][30]["y"].get<double>(), 5, 1e-9);
}

TEST(LoadPage, DrawsNoPercentileThatIsTheLongestAnyhow) {
  Json json = load_result();
  json["latency_seconds"]["count"] = 256;
  const Json points = charts_of(page_of(json))[0]["series"][0]["points"];
  EXPECT_EQ(points.dump(),
            R"([{"x":2.0,"y":1.0},{"x":10.0,"y":2.0},{"x":100.0,"y":4.0},{"x":256.0,"y":17.0}])");
}

TEST(LoadPage, DrawsNoLatencyWhereNothingWasAnswered) {
  Json json = load_result();
  json["timeline"]["intervals"][1] = {
      {"answers", 0}, {"ams", 0}, {"errors", 5}, {"max_seconds", 0.0}};
  const Json charts = charts_of(page_of(json));
  EXPECT_NEAR(charts[1]["series"][1]["points"][1]["y"].get<double>(), 30, 1e-9);
  EXPECT_TRUE(charts[2]["series"][0]["points"][1]["y"].is_null());
}

TEST(LoadPage, SaysWhatMustNotBeOverlooked) {
  Json json = load_result();
  json["scenario"]["loop"] = "closed";
  json["requests"]["failed"] = 30;
  json["errors"] = {{"UNAVAILABLE", 30}};
  json["first_error"] = "draining";
  json["send_lag_seconds"]["p99"] = 0.001;
  json["verification"]["wrong"] = 1;
  json["verification"]["first_wrong"] = "item 3";
  const std::string html = page_of(json);
  EXPECT_THAT(html, HasSubstr("<p class=\"notice\">Closed loop"));
  EXPECT_THAT(html, HasSubstr("<p class=\"notice\">A wrong answer: item 3"));
  EXPECT_THAT(html, HasSubstr("30 of 10,000 requests were not answered"));
  EXPECT_THAT(html, HasSubstr("p99 1 ms after they were due, beside a p99 of 4 ms"));
  EXPECT_THAT(html, HasSubstr("<p>The first: draining</p>"));
  EXPECT_THAT(html, HasSubstr("<td>UNAVAILABLE</td><td class=\"figure\">30</td>"));
}

TEST(LoadPage, SaysWhyAServerHasNoMetrics) {
  Json json = load_result();
  json["servers"][0]["metrics"] = nullptr;
  json["servers"][0]["no_metrics"] = "role operate is needed";
  EXPECT_THAT(page_of(json), HasSubstr("127.0.0.1:7316: no metrics: role operate is needed"));
}

TEST(LoadPage, PutsSeveralRunsSideBySide) {
  Json slower = load_result();
  slower["latency_seconds"]["p99"] = 0.5;
  const std::string html = load_page({{"a.json", load_result()}, {"b.json", slower}}).html();
  EXPECT_THAT(html, HasSubstr("<title>Loads: 2 results</title>"));
  EXPECT_THAT(html, HasSubstr("<td>b.json</td><td>poisson</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"figure\">500</td>"));
  const Json charts = charts_of(html);
  ASSERT_EQ(charts.size(), 7U);
  EXPECT_EQ(charts[0]["series"][1]["name"], "b.json");
}

TEST(LoadPage, DrawsTheCurveOfASearch) {
  const std::string html = page_of(knee_result());
  EXPECT_THAT(html, HasSubstr("2,000 requests a second (2,000 AMSs) kept p99 within 27.5 ms."));
  const Json charts = charts_of(html);
  ASSERT_EQ(charts.size(), 1U);
  EXPECT_EQ(charts[0]["series"][1]["name"], "p99");
  EXPECT_EQ(charts[0]["series"][1]["points"][2].dump(), R"({"x":4000.0,"y":40.0})");
  EXPECT_EQ(charts[0]["series"][4]["points"][0].dump(), R"({"x":1000.0,"y":27.5})");

  Json none = knee_result();
  none["knee"] = nullptr;
  EXPECT_THAT(page_of(none), HasSubstr("No rate kept p99 within 27.5 ms."));
}

TEST(Result, NamesTheFieldThatIsWrong) {
  const auto complaint = [](const char* field, const Json& value) {
    Json json = load_result();
    const Json::json_pointer pointer(field);
    if (value.is_discarded()) {
      json[pointer.parent_pointer()].erase(pointer.back());
    } else {
      json[pointer] = value;
    }
    return check_result("r.json", json).message();
  };
  const Json gone = Json::parse("", nullptr, false);
  EXPECT_EQ(complaint("/benchmark", "engines"),
            "r.json: benchmark: expected load, load-knee or load-self-test, found \"engines\"");
  EXPECT_EQ(complaint("/requests/due", gone),
            "r.json: requests.due: expected a value, found nothing");
  EXPECT_EQ(complaint("/requests/due", -1), "r.json: requests.due: expected a count, found -1");
  EXPECT_EQ(complaint("/latency_seconds/p99.9", "long"),
            "r.json: latency_seconds.p99.9: expected a number, found \"long\"");
  EXPECT_EQ(complaint("/timeline/intervals/3/answers", nullptr),
            "r.json: timeline.intervals[3].answers: expected a count, found null");
  EXPECT_EQ(complaint("/servers/0/metrics/batches", gone),
            "r.json: servers[0].metrics.batches: expected a value, found nothing");
  EXPECT_FALSE(check_result("r.json", Json::array()).ok());
}

TEST(Result, OfASearchIsCheckedAsWell) {
  Json json = knee_result();
  json["curve"][1].erase("p99");
  EXPECT_EQ(check_result("r.json", json).message(),
            "r.json: curve[1].p99: expected a value, found nothing");
}

TEST(Result, IsReadFromAFile) {
  std::vector<Result> results;
  EXPECT_THAT(read_results({"/nowhere.json"}, &results).message(),
              HasSubstr("/nowhere.json: expected a result"));
}

}  // namespace
}  // namespace rekey::bench::report
