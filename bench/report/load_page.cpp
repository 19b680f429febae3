// SPDX-License-Identifier: Apache-2.0
#include "report/load_page.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "report/conditions.h"
#include "report/figures.h"
#include "report/knee_page.h"

namespace rekey::bench::report {
namespace {

constexpr double kGeneratorsShare = 0.1;  // of p99, from which on the generator was the limit

std::string ms(const Json& seconds) { return figure(seconds.get<double>() * 1e3); }

/// A percentile that fewer than one answer lies beyond is the longest: it is left to that.
Curve percentile_curve(const std::string& name, const Json& histogram, Draw draw = Draw::kLine) {
  const double count = number(histogram, "/count");
  Curve curve{name, {}, draw};
  for (const Percentile& percentile : kPercentiles) {
    if (percentile.one_of < count) {
      curve.points.push_back(
          {percentile.one_of, histogram.at(percentile.name).get<double>() * 1e3});
    }
  }
  if (count > 0) curve.points.push_back({count, number(histogram, "/max") * 1e3});
  return curve;
}

XyChart percentile_chart(std::vector<Curve> curves) {
  return {.title =
              "Latency percentiles: one request of so many waits longer, the last point is "
              "the longest of all",
          .x = {"one of so many requests", Scale::kLogarithmic},
          .y = {"latency (ms)", Scale::kLogarithmic},
          .curves = std::move(curves)};
}

void add_notices(const Json& json, HtmlReport* page) {
  if (json["scenario"]["loop"] == "closed") {
    page->notice(
        "Closed loop: a request was sent when an earlier one was answered. What a stall of the "
        "server does to requests that become due meanwhile is hidden.");
  }
  if (number(json, "/verification/wrong") > 0) {
    page->notice("A wrong answer: " + json["verification"]["first_wrong"].get<std::string>());
  }
  const double unanswered = number(json, "/requests/failed") + number(json, "/requests/unsent");
  if (unanswered > 0) {
    page->notice(figure(unanswered) + " of " + figure(number(json, "/requests/due")) +
                 " requests were not answered: the latencies are of the others alone.");
  }
  if (number(json, "/send_lag_seconds/p99") >
      kGeneratorsShare * number(json, "/latency_seconds/p99")) {
    page->notice("Requests were sent late: p99 " + ms(json["send_lag_seconds"]["p99"]) +
                 " ms after they were due, beside a p99 of " + ms(json["latency_seconds"]["p99"]) +
                 " ms from then to the answer. The generator was part of the limit.");
  }
}

void add_totals(const Json& json, HtmlReport* page) {
  page->paragraph(condition(json, "scenario") + ". " +
                  json["scenario"]["source"].get<std::string>());
  page->add(Table{
      .columns = {"what", "requests", "a second"},
      .rows = {{"due", figure(number(json, "/requests/due")),
                figure(number(json, "/requests_per_second/due"))},
               {"answered", figure(number(json, "/requests/answered")),
                figure(number(json, "/requests_per_second/answered"))},
               {"failed", figure(number(json, "/requests/failed")), ""},
               {"not sent: too many were under way", figure(number(json, "/requests/unsent")), ""},
               {"AMSs answered", figure(number(json, "/ams/answered")),
                figure(number(json, "/ams_per_second"))},
               {"AMSs that failed alone", figure(number(json, "/ams/failed")), ""},
               {"answers compared with OpenSSL's keys",
                figure(number(json, "/verification/answers")), ""},
               {"answers that were wrong", figure(number(json, "/verification/wrong")), ""}}});
}

std::vector<std::string> latency_row(const std::string& name, const Json& histogram) {
  std::vector<std::string> row = {name};
  row.push_back(ms(histogram["mean"]));
  for (const Percentile& percentile : kPercentiles) row.push_back(ms(histogram[percentile.name]));
  row.push_back(ms(histogram["max"]));
  return row;
}

void add_latencies(const Json& json, HtmlReport* page) {
  page->add(Table{.columns = {"ms", "mean", "p50", "p90", "p99", "p99.9", "p99.99", "max"},
                  .rows = {latency_row("latency from due", json["latency_seconds"]),
                           latency_row("from sent", json["from_sent_seconds"]),
                           latency_row("sent after due", json["send_lag_seconds"])}});
  page->add(percentile_chart(
      {percentile_curve("from due", json["latency_seconds"]),
       percentile_curve("from sent", json["from_sent_seconds"]),
       percentile_curve("sent after due", json["send_lag_seconds"], Draw::kDashed)}));
}

void add_timeline(const Json& json, HtmlReport* page) {
  const double interval = number(json, "/timeline/interval_seconds");
  const double measured = number(json, "/measured_seconds");
  Curve answers{"answers", {}};
  Curve errors{"not answered", {}};
  Curve longest{"longest latency", {}};
  double begin = 0;
  for (const Json& each : json["timeline"]["intervals"]) {
    // The last one may be shorter.
    const double length = std::min(interval, measured - begin);
    const double middle = begin + length / 2;
    answers.points.push_back({middle, number(each, "/answers") / length});
    errors.points.push_back({middle, number(each, "/errors") / length});
    const bool answered = number(each, "/answers") > 0;
    longest.points.push_back({middle, answered ? number(each, "/max_seconds") * 1e3 : NAN});
    begin += interval;
  }
  page->add(XyChart{.title = "Answers over time, in intervals of " + figure(interval) + " s",
                    .x = {"time (s)"},
                    .y = {"requests a second"},
                    .curves = {std::move(answers), std::move(errors)}});
  page->add(XyChart{.title = "Longest latency from due of each interval",
                    .x = {"time (s)"},
                    .y = {"latency (ms)"},
                    .curves = {std::move(longest)}});
}

void add_errors(const Json& json, HtmlReport* page) {
  if (json["errors"].empty()) return;
  std::vector<std::string> codes;
  Bars bars{"requests", {}};
  Table table{.columns = {"code", "requests"}, .rows = {}};
  for (const auto& [code, count] : json["errors"].items()) {
    codes.push_back(code);
    bars.values.push_back(count.get<double>());
    table.rows.push_back({code, figure(count.get<double>())});
  }
  page->section("Errors");
  page->paragraph("The first: " + json["first_error"].get<std::string>());
  page->add(table);
  page->add(BarChart{.title = "Requests that were not answered, by gRPC code",
                     .x_title = "code",
                     .y = {"requests"},
                     .categories = std::move(codes),
                     .series = {std::move(bars)}});
}

void add_servers(const Json& json, HtmlReport* page) {
  Table table{.columns = {"server", "batches", "AMSs a batch: mean", "p50", "p99",
                          "queued (ms): mean", "p50", "p99"},
              .rows = {}};
  for (const Json& server : json["servers"]) {
    const Json metrics = server.value("metrics", Json());
    const std::string address = server["address"];
    if (metrics.is_null()) {
      page->paragraph(address + ": no metrics: " + server.value("no_metrics", ""));
      continue;
    }
    const Json& batch = metrics["batch_ams"];
    const Json& queue = metrics["queue_seconds"];
    table.rows.push_back({address, figure(metrics["batches"].get<double>()),
                          figure(batch["mean"].get<double>()), figure(batch["p50"].get<double>()),
                          figure(batch["p99"].get<double>()), ms(queue["mean"]), ms(queue["p50"]),
                          ms(queue["p99"])});
  }
  if (table.rows.empty()) return;
  page->add(table);
  page->paragraph(
      "What the servers' metrics say of the measurement; percentiles are estimates between the "
      "bounds of Prometheus' buckets.");
}

void add_run(const Result& result, HtmlReport* page) {
  const Json& json = result.json;
  page->section(json["scenario"]["name"].get<std::string>() + ": " + result.name);
  add_notices(json, page);
  add_totals(json, page);
  page->section("Latency");
  add_latencies(json, page);
  page->section("Over time");
  add_timeline(json, page);
  add_errors(json, page);
  page->section("Servers' own metrics");
  add_servers(json, page);
  page->section("Conditions");
  page->add(conditions_table({&result}));
}

void add_overview(const std::vector<const Result*>& runs, HtmlReport* page) {
  Table table{.columns = {"result", "scenario", "answered a second", "not answered", "p50 (ms)",
                          "p99 (ms)", "p99.9 (ms)", "max (ms)"},
              .rows = {}};
  std::vector<Curve> curves;
  for (const Result* run : runs) {
    const Json& json = run->json;
    const Json& latency = json["latency_seconds"];
    table.rows.push_back(
        {run->name, json["scenario"]["name"], figure(number(json, "/requests_per_second/answered")),
         figure(number(json, "/requests/failed") + number(json, "/requests/unsent")),
         ms(latency["p50"]), ms(latency["p99"]), ms(latency["p99.9"]), ms(latency["max"])});
    curves.push_back(percentile_curve(run->name, latency));
  }
  page->section("Side by side");
  page->add(table);
  page->add(percentile_chart(std::move(curves)));
  page->paragraph(
      "What lies between runs is not told from what lies between their conditions by looking: "
      "`rekey-bench compare` does.");
}

}  // namespace

HtmlReport load_page(const std::vector<Result>& results) {
  std::vector<const Result*> runs;
  Json data = Json::array();
  for (const Result& result : results) {
    data.push_back(result.json);
    if (!result.is_knee()) runs.push_back(&result);
  }
  HtmlReport page(results.size() == 1
                      ? "Load: " + results.front().json["scenario"]["name"].get<std::string>()
                      : "Loads: " + std::to_string(results.size()) + " results");
  page.attach(results.size() == 1 ? data[0] : data);
  if (runs.size() > 1) add_overview(runs, &page);
  for (const Result& result : results) {
    if (result.is_knee()) {
      add_knee(result, &page);
    } else {
      add_run(result, &page);
    }
  }
  return page;
}

}  // namespace rekey::bench::report
