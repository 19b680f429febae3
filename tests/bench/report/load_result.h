// SPDX-License-Identifier: Apache-2.0
//
// A result as `rekey-bench load --json` writes it, for tests to change.
#pragma once

#include <string>

#include "json.h"

namespace rekey::bench::report {

/// load_result returns a run of 10 s in which 1,000 requests were due a second and answered.
inline Json load_result() {
  const auto histogram = [](double unit) {
    return Json{{"count", 10'000}, {"mean", 1.1 * unit}, {"p50", unit},         {"p90", 2 * unit},
                {"p99", 4 * unit}, {"p99.9", 8 * unit},  {"p99.99", 16 * unit}, {"max", 17 * unit}};
  };
  Json intervals = Json::array();
  for (int i = 0; i < 60; ++i) {
    intervals.push_back({{"answers", 167}, {"ams", 167}, {"errors", 0}, {"max_seconds", 0.005}});
  }
  const Json one = {{"min", 1.0}, {"mean", 1.0}, {"max", 1.0}};
  return {{"benchmark", "load"},
          {"machine", {{"cpu", "a machine"}, {"cpus", 2}}},
          {"build", {{"version", "1.2.3"}, {"compiler", "g++"}}},
          {"scenario",
           {{"name", "poisson"},
            {"source", "this test"},
            {"method", "columns"},
            {"loop", "open"},
            {"arrivals", "poisson"},
            {"speed", 1.0},
            {"callers", 1},
            {"ams_per_request", one},
            {"sas_per_ams", one},
            {"warm_up_seconds", 2.0},
            {"timeout_seconds", 10.0},
            {"seed", 1}}},
          {"tls", false},
          {"servers",
           {{{"address", "127.0.0.1:7316"},
             {"version", "1.2.3"},
             {"engines", {"simd", "openssl"}},
             {"metrics",
              {{"batches", 9'000.0},
               {"batch_ams", {{"mean", 1.1}, {"p50", 1.0}, {"p99", 3.0}}},
               {"queue_seconds", {{"mean", 1e-5}, {"p50", 1e-5}, {"p99", 2e-5}}}}}}}},
          {"measured_seconds", 10.0},
          {"requests", {{"due", 10'000}, {"answered", 10'000}, {"failed", 0}, {"unsent", 0}}},
          {"ams", {{"answered", 10'000}, {"failed", 0}}},
          {"errors", Json::object()},
          {"first_error", ""},
          {"requests_per_second", {{"due", 1'000.0}, {"answered", 1'000.0}}},
          {"ams_per_second", 1'000.0},
          {"latency_seconds", histogram(1e-3)},
          {"from_sent_seconds", histogram(0.9e-3)},
          {"send_lag_seconds", histogram(1e-5)},
          {"verification", {{"share", 0.01}, {"answers", 100}, {"wrong", 0}, {"first_wrong", ""}}},
          {"timeline", {{"interval_seconds", 10.0 / 60}, {"intervals", intervals}}}};
}

/// knee_result returns a search that found its knee at the second of three rates.
inline Json knee_result() {
  Json json = load_result();
  json["benchmark"] = "load-knee";
  json["p99_at_most_seconds"] = 0.0275;
  json["bounded"] = true;
  json["curve"] = Json::array();
  for (const double speed : {1.0, 2.0, 4.0}) {
    json["curve"].push_back({{"speed", speed},
                             {"due_per_second", 1'000 * speed},
                             {"answered_per_second", 1'000 * speed},
                             {"ams_per_second", 1'000 * speed},
                             {"p50", 0.001 * speed},
                             {"p99", 0.01 * speed},
                             {"p99.9", 0.02 * speed},
                             {"max", 0.03 * speed},
                             {"unanswered", 0},
                             {"kept", speed < 4}});
  }
  json["knee"] = json["curve"][1];
  return json;
}

}  // namespace rekey::bench::report
