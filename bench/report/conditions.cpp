// SPDX-License-Identifier: Apache-2.0
#include "report/conditions.h"

#include <array>

#include "report/figures.h"

namespace rekey::bench::report {
namespace {

constexpr std::array kNames = {"scenario", "measured", "seed", "machine", "build", "servers"};

std::string scenario(const Json& json) {
  const Json& scenario = json["scenario"];
  const double speed = scenario["speed"];
  std::string text =
      scenario["name"].get<std::string>() + " (" + scenario["arrivals"].get<std::string>() + ", " +
      scenario["loop"].get<std::string>() + " loop), " + scenario["method"].get<std::string>() +
      ", " + figure(scenario["callers"].get<double>()) + " callers, " +
      figure(scenario["ams_per_request"]["mean"].get<double>()) + " AMSs a request and " +
      figure(scenario["sas_per_ams"]["mean"].get<double>()) +
      " security associations an AMS on average";
  if (speed != 1) text += ", at " + figure(speed) + " times its speed";
  return text;
}

std::string servers(const Json& json) {
  if (json["servers"].empty()) return "the null server in rekey-bench, which derives nothing";
  std::string text;
  for (const Json& server : json["servers"]) {
    if (!text.empty()) text += "; ";
    const std::string version = server["version"];
    text += version.empty() ? "unknown" : "rekeyd " + version;
    for (const Json& engine : server["engines"]) {
      text += &engine == &server["engines"].front() ? ", engines " : " ";
      text += engine.get<std::string>();
    }
  }
  return text + (json["tls"].get<bool>() ? "; TLS" : "; plaintext");
}

}  // namespace

std::span<const char* const> condition_names() { return kNames; }

std::string condition(const Json& result, const std::string& name) {
  if (name == "scenario") return scenario(result);
  if (name == "measured") {
    return figure(result["measured_seconds"].get<double>()) + " s after " +
           figure(result["scenario"]["warm_up_seconds"].get<double>()) + " s of warm-up";
  }
  if (name == "seed") return result["scenario"]["seed"].dump();
  if (name == "machine") {
    return result["machine"]["cpu"].get<std::string>() + ", " +
           figure(result["machine"]["cpus"].get<double>()) + " CPUs";
  }
  if (name == "build") {
    return "rekey-bench " + result["build"]["version"].get<std::string>() + ", " +
           result["build"]["compiler"].get<std::string>();
  }
  return servers(result);
}

Table conditions_table(const std::vector<const Result*>& results) {
  Table table{.columns = {"condition"}, .rows = {}};
  for (const Result* result : results) table.columns.push_back(result->name);
  for (const char* name : kNames) {
    std::vector<std::string> row = {name};
    for (const Result* result : results) row.push_back(condition(result->json, name));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace rekey::bench::report
