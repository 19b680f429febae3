// SPDX-License-Identifier: Apache-2.0
#include "report/knee_page.h"

#include <array>
#include <string>
#include <utility>

#include "report/conditions.h"
#include "report/figures.h"

namespace rekey::bench::report {
namespace {

constexpr std::array kCurves = {"p50", "p99", "p99.9", "max"};

std::string text(const Json& point, const char* field, double unit = 1) {
  return figure(point[field].get<double>() * unit);
}

std::string verdict(const Json& json) {
  const std::string promise =
      "p99 within " + figure(json["p99_at_most_seconds"].get<double>() * 1e3) + " ms";
  const Json knee = json.value("knee", Json());
  if (knee.is_null()) return "No rate kept " + promise + ".";
  std::string verdict = text(knee, "due_per_second") + " requests a second (" +
                        text(knee, "ams_per_second") + " AMSs) kept " + promise;
  verdict += json["bounded"].get<bool>() ? "." : "; no rate was found that did not.";
  if (json["benchmark"] == "load-self-test") {
    verdict +=
        " They were sent to a server in the same process that derives nothing: above that rate, "
        "figures of this scenario on this machine are not to be believed.";
  }
  return verdict;
}

XyChart latency_chart(const Json& json) {
  XyChart chart{.title = "Latency from due over the rate",
                .x = {"requests due a second", Scale::kLogarithmic},
                .y = {"latency (ms)", Scale::kLogarithmic},
                .curves = {}};
  for (const char* name : kCurves) {
    Curve curve{name, {}};
    for (const Json& point : json["curve"]) {
      curve.points.push_back(
          {point["due_per_second"].get<double>(), point[name].get<double>() * 1e3});
    }
    chart.curves.push_back(std::move(curve));
  }
  if (json["curve"].empty()) return chart;
  const double promise = json["p99_at_most_seconds"].get<double>() * 1e3;
  chart.curves.push_back({"p99 to keep",
                          {{json["curve"].front()["due_per_second"].get<double>(), promise},
                           {json["curve"].back()["due_per_second"].get<double>(), promise}},
                          Draw::kDashed});
  return chart;
}

}  // namespace

void add_knee(const Result& result, HtmlReport* page) {
  const Json& json = result.json;
  page->section(json["scenario"]["name"].get<std::string>() + ": " + result.name);
  page->notice(verdict(json));
  page->paragraph(condition(json, "scenario") + ". " +
                  json["scenario"]["source"].get<std::string>());
  Table table{.columns = {"due a second", "answered a second", "AMSs a second", "p50 (ms)",
                          "p99 (ms)", "p99.9 (ms)", "max (ms)", "not answered", "kept"},
              .rows = {}};
  for (const Json& point : json["curve"]) {
    table.rows.push_back({text(point, "due_per_second"), text(point, "answered_per_second"),
                          text(point, "ams_per_second"), text(point, "p50", 1e3),
                          text(point, "p99", 1e3), text(point, "p99.9", 1e3),
                          text(point, "max", 1e3), text(point, "unanswered"),
                          point["kept"].get<bool>() ? "kept" : ""});
  }
  page->add(latency_chart(json));
  page->add(table);
  page->section("Conditions");
  page->add(conditions_table({&result}));
}

}  // namespace rekey::bench::report
