// SPDX-License-Identifier: Apache-2.0
#include "engines/report_parts.h"

#include <chrono>
#include <iomanip>
#include <sstream>

namespace rekey::bench {
namespace {

double slice_seconds(const Plan& plan) { return std::chrono::duration<double>(plan.slice).count(); }

}  // namespace

Json conditions_to_json(const Conditions& conditions) {
  return {
      {"machine", {{"cpu", conditions.machine.cpu}, {"cpus", conditions.machine.cpus}}},
      {"threads", conditions.threads},
      {"sas_per_ams", 1},
      {"teks_per_sa", 2},
      {"rounds", conditions.plan.rounds},
      {"slice_seconds", slice_seconds(conditions.plan)},
  };
}

Json summary_to_json(const Summary& summary) {
  return {{"median", summary.median}, {"min", summary.min}, {"max", summary.max}};
}

Json line_to_json(const Line& line) {
  Json json = {
      {"name", line.name}, {"description", line.description}, {"outcome", to_string(line.outcome)}};
  if (!line.reason.empty()) json["reason"] = line.reason;
  return json;
}

void write_conditions(const Conditions& conditions, const std::string& batch, std::ostream& out) {
  const std::string threads =
      conditions.threads == 1
          ? "one thread"
          : "simd on " + std::to_string(conditions.threads) + " threads, all others on one";
  out << "machine  " << conditions.machine.cpu << ", " << conditions.machine.cpus << " CPUs; "
      << threads << '\n'
      << "batch    " << batch << " with 1 SA of 2 TEKs each, all keys written out\n"
      << "rounds   " << conditions.plan.rounds << ", by turns, slices of at least "
      << slice_seconds(conditions.plan) * 1000 << " ms; medians of the rounds\n";
}

void write_reason(const Line& line, std::ostream& out) {
  out << "  " << to_string(line.outcome);
  if (!line.reason.empty()) out << ": " << line.reason;
  out << '\n';
}

std::string range_text(const Summary& summary) {
  std::ostringstream range;
  range << std::fixed << std::setprecision(2) << '(' << summary.min << " to " << summary.max << ')';
  return range.str();
}

}  // namespace rekey::bench
