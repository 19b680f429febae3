// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/summary.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "rekeyctl/grouped.h"
#include "rekeyctl/profile_flags.h"

namespace rekey::ctl {
namespace {

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

}  // namespace

std::string this_machine() {
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  return std::string(host) + ", " + processor() + ", " +
         std::to_string(std::thread::hardware_concurrency()) + " threads";
}

double Summary::items_per_second() const {
  return seconds > 0 ? static_cast<double>(totals.items) / seconds : 0;
}

std::string Summary::to_table() const {
  std::string table;
  const auto row = [&](const char* name, const std::string& value) {
    char start[32];
    std::snprintf(start, sizeof start, "%-18s ", name);
    table += (table.empty() ? "" : "\n") + std::string(start) + value;
  };
  char time[64];
  std::snprintf(time, sizeof time, "%.3f s", seconds);
  row("profile",
      std::string(to_string(profile)) + " (" + std::string(profile_standing(profile)) + ")");
  row("AMSs", grouped(totals.items));
  row("keys", grouped(totals.keys));
  row("failed AMSs", grouped(totals.failed));
  if (lines_passed_over > 0) row("lines passed over", grouped(lines_passed_over));
  row("engine", joined(totals.engines) + ", in " + where);
  row("time", std::string(time) + (verification ? ": reading, deriving, verifying, writing"
                                                : ": reading, deriving, writing"));
  row("AMS/s", grouped(static_cast<std::uint64_t>(std::llround(items_per_second()))));
  row("measured on", machine);
  if (verification) {
    row("verified", grouped(verification->verified) + " keys re-derived with OpenSSL");
    row("mismatches", grouped(verification->mismatches));
  }
  return table;
}

std::string Summary::to_json() const {
  nlohmann::ordered_json json = {
      {"profile", to_string(profile)},
      {"profile_standing", profile_standing(profile)},
      {"amss", totals.items},
      {"keys", totals.keys},
      {"failed", totals.failed},
      {"lines_passed_over", lines_passed_over},
      {"engines", totals.engines},
      {"where", where},
      {"machine", machine},
      {"seconds", seconds},
      {"seconds_include",
       verification ? "reading, deriving, verifying, writing" : "reading, deriving, writing"},
      {"amss_per_second", items_per_second()},
  };
  if (verification) {
    json["verified"] = verification->verified;
    json["mismatches"] = verification->mismatches;
  }
  return json.dump(2) + "\n";
}

}  // namespace rekey::ctl
