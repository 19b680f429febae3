// SPDX-License-Identifier: Apache-2.0
#include "engines/report.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace rekey::bench {
namespace {

using Json = nlohmann::ordered_json;

double slice_seconds(const Plan& plan) { return std::chrono::duration<double>(plan.slice).count(); }

bool was_measured(const ContenderReport& contender) {
  return contender.outcome == Outcome::kMeasured && contender.ams_per_second.median > 0;
}

Json summary_to_json(const Summary& summary) {
  return {{"median", summary.median}, {"min", summary.min}, {"max", summary.max}};
}

Json contender_to_json(const ContenderReport& contender) {
  Json json = {{"name", contender.name},
               {"description", contender.description},
               {"outcome", to_string(contender.outcome)}};
  if (!contender.reason.empty()) json["reason"] = contender.reason;
  if (was_measured(contender)) {
    json["ams_per_second"] = summary_to_json(contender.ams_per_second);
    json["ratio_to_baseline"] = summary_to_json(contender.ratio_to_baseline);
  }
  return json;
}

void write_profile(const ProfileReport& report, std::ostream& out) {
  out << '\n' << to_string(report.profile) << '\n';
  out << "  " << std::left << std::setw(14) << "contender" << std::right << std::setw(13) << "AMS/s"
      << std::setw(10) << "x base" << std::setw(20) << "(min to max)"
      << "  runs on\n";
  for (const ContenderReport& contender : report.contenders) {
    out << "  " << std::left << std::setw(14) << contender.name << std::right;
    if (!was_measured(contender)) {
      out << "  " << to_string(contender.outcome);
      if (!contender.reason.empty()) out << ": " << contender.reason;
      out << '\n';
      continue;
    }
    const Summary& ratio = contender.ratio_to_baseline;
    std::ostringstream range;
    range << std::fixed << std::setprecision(2) << '(' << ratio.min << " to " << ratio.max << ')';
    out << std::fixed << std::setprecision(0) << std::setw(13) << contender.ams_per_second.median
        << std::setprecision(2) << std::setw(10) << ratio.median << std::setw(20) << range.str()
        << "  " << contender.description << '\n';
  }
}

}  // namespace

Json to_json(const EnginesReport& report) {
  Json json = {
      {"benchmark", "engines"},
      {"machine", {{"cpu", report.machine.cpu}, {"cpus", report.machine.cpus}}},
      {"threads", 1},
      {"ams_per_batch", report.ams},
      {"sas_per_ams", 1},
      {"teks_per_sa", 2},
      {"rounds", report.plan.rounds},
      {"slice_seconds", slice_seconds(report.plan)},
      {"baseline", report.profiles.front().contenders.front().name},
      {"profiles", Json::array()},
  };
  for (const ProfileReport& profile : report.profiles) {
    Json contenders = Json::array();
    for (const ContenderReport& contender : profile.contenders) {
      contenders.push_back(contender_to_json(contender));
    }
    json["profiles"].push_back(
        {{"profile", to_string(profile.profile)}, {"contenders", std::move(contenders)}});
  }
  return json;
}

std::string to_text(const EnginesReport& report) {
  std::ostringstream out;
  out << "machine  " << report.machine.cpu << ", " << report.machine.cpus << " CPUs; one thread\n"
      << "batch    " << report.ams << " AMSs with 1 SA of 2 TEKs each, all keys written out\n"
      << "rounds   " << report.plan.rounds << ", by turns, slices of at least "
      << slice_seconds(report.plan) * 1000 << " ms; medians of the rounds\n";
  for (const ProfileReport& profile : report.profiles) write_profile(profile, out);
  return out.str();
}

}  // namespace rekey::bench
