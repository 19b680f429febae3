// SPDX-License-Identifier: Apache-2.0
#include "engines/report.h"

#include <iomanip>
#include <sstream>
#include <utility>

#include "engines/bound.h"

namespace rekey::bench {
namespace {

constexpr const char* kComparedInTable = "ipsec-mb";

bool was_measured(const ContenderReport& contender) {
  return contender.outcome == Outcome::kMeasured && !contender.ratios.empty();
}

Json contender_to_json(const ContenderReport& contender) {
  Json json = line_to_json(contender);
  if (!was_measured(contender)) return json;
  json["ams_per_second"] = summary_to_json(contender.ams_per_second);
  Json ratios = Json::object();
  for (const Ratio& ratio : contender.ratios) ratios[ratio.to] = summary_to_json(ratio.summary);
  json["ratio_to"] = std::move(ratios);
  if (contender.share_of_bound) {
    json["bound_instruction"] = contender.bound_instruction;
    json["share_of_bound"] = summary_to_json(*contender.share_of_bound);
  }
  return json;
}

Json profile_to_json(const ProfileReport& profile) {
  const AmsCost cost = cost_of_ams(profile.profile);
  Json json = {{"profile", to_string(profile.profile)},
               {"aes_blocks_per_ams", cost.aes_blocks},
               {"key_schedules_per_ams", cost.key_schedules},
               {"bounds", Json::array()},
               {"contenders", Json::array()}};
  for (const BoundReport& bound : profile.bounds) {
    json["bounds"].push_back(
        {{"instruction", bound.instruction},
         {"threads", bound.threads},
         {"block_rounds_per_second", summary_to_json(bound.block_rounds_per_second)},
         {"ams_per_second", summary_to_json(bound.ams_per_second)}});
    if (!bound.ratio_to_one_thread) continue;
    json["bounds"].back()["ratio_to_one_thread"] = summary_to_json(*bound.ratio_to_one_thread);
  }
  for (const ContenderReport& contender : profile.contenders) {
    json["contenders"].push_back(contender_to_json(contender));
  }
  return json;
}

/// One cell of a ratio: a dash where there is none.
void write_cell(const Summary* ratio, int width, double factor, int digits, const char* unit,
                std::ostream& out) {
  std::ostringstream cell;
  if (ratio == nullptr) {
    cell << '-';
  } else {
    cell << std::fixed << std::setprecision(digits) << factor * ratio->median << unit;
  }
  out << std::setw(width) << cell.str();
}

std::string times(const Summary& ratio) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << ratio.median << " times " << range_text(ratio);
  return text.str();
}

void write_contender(const ContenderReport& contender, const std::string& baseline,
                     std::ostream& out) {
  out << "  " << std::left << std::setw(15) << contender.name << std::right;
  if (!was_measured(contender)) return write_reason(contender, out);
  const Summary* to_baseline = contender.ratio_to(baseline);
  out << std::fixed << std::setprecision(0) << std::setw(12) << contender.ams_per_second.median;
  write_cell(to_baseline, 10, 1, 2, "", out);
  out << std::setw(20) << (to_baseline == nullptr ? "" : range_text(*to_baseline));
  write_cell(contender.ratio_to(kComparedInTable), 12, 1, 2, "", out);
  const auto& share = contender.share_of_bound;
  write_cell(share ? &*share : nullptr, 10, 100, 1, " %", out);
  out << "  " << contender.description << '\n';
}

void write_profile(const ProfileReport& report, std::ostream& out) {
  out << '\n' << to_string(report.profile) << '\n';
  out << "  " << std::left << std::setw(15) << "contender" << std::right << std::setw(12) << "AMS/s"
      << std::setw(10) << "x base" << std::setw(20) << "(min to max)" << std::setw(12)
      << "x ipsec-mb" << std::setw(10) << "of bound"
      << "  runs on\n";
  for (const ContenderReport& contender : report.contenders) {
    write_contender(contender, report.contenders.front().name, out);
  }
  const AmsCost cost = cost_of_ams(report.profile);
  for (const BoundReport& bound : report.bounds) {
    out << "  bound by " << bound.instruction;
    if (bound.threads > 1) out << " on " << bound.threads << " threads";
    out << ": " << std::fixed << std::setprecision(0) << bound.ams_per_second.median
        << " AMS/s, at " << std::setprecision(2) << bound.block_rounds_per_second.median / 1e9
        << " G block rounds/s and 10 x (" << cost.aes_blocks << " blocks + " << cost.key_schedules
        << " key schedules) an AMS\n";
    if (bound.ratio_to_one_thread) {
      out << "  on " << bound.threads << " threads " << bound.instruction << " runs "
          << times(*bound.ratio_to_one_thread) << " as fast as on one";
      for (const ContenderReport& contender : report.contenders) {
        const Summary* ratio = contender.ratio_to(contender.name + "-1-thread");
        if (ratio == nullptr || contender.bound_instruction != bound.instruction) continue;
        out << ", " << contender.name << ' ' << times(*ratio);
      }
      out << '\n';
    }
  }
}

}  // namespace

Json to_json(const EnginesReport& report) {
  Json json = {{"benchmark", "engines"}};
  json.update(conditions_to_json(report.conditions));
  json["ams_per_batch"] = report.ams;
  json["baseline"] = report.profiles.front().contenders.front().name;
  json["profiles"] = Json::array();
  for (const ProfileReport& profile : report.profiles) {
    json["profiles"].push_back(profile_to_json(profile));
  }
  return json;
}

std::string to_text(const EnginesReport& report) {
  std::ostringstream out;
  write_conditions(report.conditions, std::to_string(report.ams) + " AMSs", out);
  for (const ProfileReport& profile : report.profiles) write_profile(profile, out);
  return out.str();
}

}  // namespace rekey::bench
