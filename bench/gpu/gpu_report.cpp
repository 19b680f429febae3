// SPDX-License-Identifier: Apache-2.0
#include "gpu/gpu_report.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

namespace rekey::bench {
namespace {

/// Whether a way derives keys from the host to the host, as the first does.
bool is_end_to_end(const GpuLine& line) { return line.name.starts_with("cuda"); }

Json line_of_gpu_to_json(const GpuLine& line) {
  Json json = line_to_json(line);
  if (is_end_to_end(line)) {
    const auto from = crossover(line);
    json["crossover_ams"] = from ? Json(*from) : Json();
  }
  json["sizes"] = Json::array();
  for (const GpuPoint& point : line.points) {
    json["sizes"].push_back({{"ams_per_batch", point.ams},
                             {"ams_per_second", summary_to_json(point.ams_per_second)},
                             {"ratio_to_simd", summary_to_json(point.ratio)}});
  }
  return json;
}

Json profile_to_json(const GpuProfileReport& profile) {
  Json json = {{"profile", to_string(profile.profile)},
               {"octets_per_ams",
                {{"in", profile.ams_octets.in},
                 {"resident_in", profile.ams_octets.resident_in},
                 {"out", profile.ams_octets.out}}},
               {"ways", Json::array()}};
  for (const GpuLine& line : profile.lines) json["ways"].push_back(line_of_gpu_to_json(line));
  return json;
}

void write_crossover(const GpuLine& line, std::ostream& out) {
  if (!is_end_to_end(line) || line.points.empty()) return;
  out << "  " << line.name;
  if (const auto from = crossover(line)) {
    out << " is faster than simd from " << *from << " AMSs a batch on\n";
  } else {
    out << " is slower than simd at " << line.points.back().ams << " AMSs a batch\n";
  }
}

void write_table(const GpuProfileReport& profile, std::ostream& out) {
  constexpr int kSizeWidth = 10;
  constexpr int kWidth = 15;
  out << std::setw(kSizeWidth) << "AMSs";
  for (const GpuLine& line : profile.lines) out << std::setw(kWidth) << line.name;
  out << '\n' << std::fixed << std::setprecision(3);
  // A size that failed is in none of the lines.
  const auto sizes = std::ranges::min(profile.lines, {}, [](const GpuLine& line) {
                       return line.points.size();
                     }).points.size();
  for (std::size_t size = 0; size < sizes; ++size) {
    out << std::setw(kSizeWidth) << profile.lines.front().points[size].ams;
    for (const GpuLine& line : profile.lines) {
      out << std::setw(kWidth) << line.points[size].ams_per_second.median / 1e6;
    }
    out << '\n';
  }
}

void write_profile(const GpuProfileReport& profile, std::ostream& out) {
  out << '\n'
      << to_string(profile.profile) << ": million AMSs a second; an AMS moves "
      << profile.ams_octets.in << " octets in (resident " << profile.ams_octets.resident_in
      << ") and " << profile.ams_octets.out << " out\n";
  write_table(profile, out);
  for (const GpuLine& line : profile.lines) {
    if (line.outcome != Outcome::kMeasured) {
      out << "  " << line.name;
      write_reason(line, out);
    }
  }
  for (const GpuLine& line : profile.lines) write_crossover(line, out);
}

}  // namespace

Json to_json(const GpuReport& report) {
  Json json = {{"benchmark", "gpu"}};
  json.update(conditions_to_json(report.conditions));
  json["device"] = report.device;
  json["from_device"] = report.from_device;
  json["profiles"] = Json::array();
  for (const GpuProfileReport& profile : report.profiles) {
    json["profiles"].push_back(profile_to_json(profile));
  }
  return json;
}

std::string to_text(const GpuReport& report) {
  std::ostringstream out;
  write_conditions(report.conditions, "several sizes, AMSs", out);
  out << "device   " << report.device << '\n';
  if (!report.from_device) {
    out << "NOT FROM A DEVICE: a program on the CPU stood in for the GPU; its figures mean "
           "nothing\n";
  }
  if (!report.profiles.empty()) {
    out << '\n';
    for (const GpuLine& line : report.profiles.front().lines) {
      out << "  " << std::left << std::setw(15) << line.name << std::right << line.description
          << '\n';
    }
  }
  for (const GpuProfileReport& profile : report.profiles) write_profile(profile, out);
  return out.str();
}

}  // namespace rekey::bench
