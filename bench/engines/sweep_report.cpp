// SPDX-License-Identifier: Apache-2.0
#include "engines/sweep_report.h"

#include <iomanip>
#include <sstream>
#include <utility>

namespace rekey::bench {
namespace {

Json contender_to_json(const SweepReport& contender) {
  Json json = line_to_json(contender);
  if (contender.points.empty()) return json;
  json["sizes"] = Json::array();
  for (const SweepPoint& point : contender.points) {
    json["sizes"].push_back({{"ams_per_batch", point.ams},
                             {"ams_per_second", summary_to_json(point.ams_per_second)},
                             {"cost_ratio", summary_to_json(point.cost_ratio)}});
  }
  return json;
}

void write_contender(const SweepReport& contender, std::uint32_t reference, std::ostream& out) {
  out << "  " << contender.name << ", " << contender.description;
  if (contender.points.empty()) return write_reason(contender, out);
  out << '\n'
      << std::setw(12) << "AMSs" << std::setw(14) << "AMS/s" << std::setw(12) << "ns an AMS"
      << std::setw(14) << "x " + std::to_string(reference) << std::setw(20) << "(min to max)"
      << '\n';
  for (const SweepPoint& point : contender.points) {
    out << std::fixed << std::setprecision(0) << std::setw(12) << point.ams << std::setw(14)
        << point.ams_per_second.median << std::setprecision(2) << std::setw(12)
        << 1e9 / point.ams_per_second.median << std::setw(14) << point.cost_ratio.median
        << std::setw(20) << range_text(point.cost_ratio) << '\n';
  }
}

}  // namespace

Json to_json(const EnginesSweep& sweep) {
  Json json = {{"benchmark", "engines-sweep"}};
  json.update(conditions_to_json(sweep.conditions));
  json["relative_to"] = sweep.reference;
  json["profiles"] = Json::array();
  for (const ProfileSweep& profile : sweep.profiles) {
    Json contenders = Json::array();
    for (const SweepReport& contender : profile.contenders) {
      contenders.push_back(contender_to_json(contender));
    }
    json["profiles"].push_back(
        {{"profile", to_string(profile.profile)}, {"contenders", std::move(contenders)}});
  }
  return json;
}

std::string to_text(const EnginesSweep& sweep) {
  std::ostringstream out;
  write_conditions(sweep.conditions, "several sizes, AMSs", out);
  out << "cost     of an AMS, as a multiple of its cost in a batch of " << sweep.reference << '\n';
  for (const ProfileSweep& profile : sweep.profiles) {
    out << '\n' << to_string(profile.profile) << '\n';
    for (const SweepReport& contender : profile.contenders) {
      write_contender(contender, sweep.reference, out);
    }
  }
  return out.str();
}

}  // namespace rekey::bench
