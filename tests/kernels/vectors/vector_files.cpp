// SPDX-License-Identifier: Apache-2.0
#include "vector_files.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "support/hex.h"

namespace rekey::test {

std::vector<CmacCase> read_wycheproof_cmac(const std::string& path) {
  std::ifstream file(path);
  const auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  std::vector<CmacCase> cases;
  if (json.is_discarded()) return cases;
  for (const auto& group : json["testGroups"]) {
    for (const auto& test : group["tests"]) {
      cases.push_back({test["tcId"].get<int>(), from_hex(test["key"].get<std::string>()),
                       from_hex(test["msg"].get<std::string>()),
                       from_hex(test["tag"].get<std::string>()), test["result"] == "valid"});
    }
  }
  return cases;
}

std::vector<KbkdfCase> read_cavs_kbkdf(const std::string& path) {
  std::ifstream file(path);
  std::vector<KbkdfCase> cases;
  std::string line;
  while (std::getline(file, line)) {
    const auto value_of = [&line](std::string_view name) -> std::string {
      return line.starts_with(name) ? line.substr(name.size()) : std::string();
    };
    if (const auto count = value_of("COUNT="); !count.empty()) {
      cases.emplace_back().count = std::stoi(count);
    } else if (const auto bits = value_of("L = "); !bits.empty()) {
      cases.back().result_bits = std::stoul(bits);
    } else if (const auto key = value_of("KI = "); !key.empty()) {
      cases.back().key = from_hex(key);
    } else if (const auto fixed = value_of("FixedInputData = "); !fixed.empty()) {
      cases.back().fixed_input = from_hex(fixed);
    } else if (const auto result = value_of("KO = "); !result.empty()) {
      cases.back().result = from_hex(result);
    }
  }
  return cases;
}

}  // namespace rekey::test
