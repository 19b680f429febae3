// SPDX-License-Identifier: Apache-2.0
#include "load/scenario.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "rekey/octets.h"
#include "wire/limits.h"
#include "yaml_fields.h"

namespace rekey::bench::load {
namespace {

using yaml::Fields;
using yaml::Value;
using yaml::Wrong;

constexpr std::uint64_t kMaxCallers = 1'024;
constexpr std::uint64_t kMaxSas = 64;
constexpr std::uint64_t kMaxWeight = 1'000'000;
constexpr std::uint64_t kMaxAtOnce = 1'000'000;  // of a burst or a wave
constexpr double kMaxPerSecond = 1e7;
constexpr double kMaxMs = 3.6e6;
constexpr double kMaxSeconds = 7 * 24 * 3600.0;

/// Weights by name, the names turned into numbers by `number`.
template <typename ToNumber>
Distribution weighted(const Value& value, const ToNumber& to_number) {
  Fields fields(value);
  std::vector<Distribution::Range> ranges;
  for (const std::string& name : fields.names()) {
    const Value weight = fields.get(name);
    const std::uint64_t number = to_number(Value(YAML::Node(name), weight.path()));
    ranges.push_back({number, number, weight.number<std::uint64_t>(0, kMaxWeight)});
  }
  const bool none = std::ranges::all_of(ranges, [](const auto& one) { return one.weight == 0; });
  if (none) throw Wrong{value.path() + ": expected a weight above 0, found none"};
  return Distribution(std::move(ranges));
}

/// `7`, `{uniform: [1, 8]}` or `{weights: {1: 3, 64: 1}}`.
Distribution distribution(const Value& value, std::uint64_t low, std::uint64_t high) {
  if (!value.node().IsMap()) return Distribution(value.number(low, high));
  Fields fields(value);
  const std::string kind = fields.only({"uniform", "weights"});
  const Value of_kind = fields.get(kind);
  if (kind == "weights") {
    return weighted(of_kind, [&](const Value& name) { return name.number(low, high); });
  }
  if (!of_kind.node().IsSequence() || of_kind.node().size() != 2) of_kind.wrong("[LOW, HIGH]");
  const auto from = Value(of_kind.node()[0], of_kind.path() + "[0]").number(low, high);
  const auto to = Value(of_kind.node()[1], of_kind.path() + "[1]").number(from, high);
  return Distribution({Distribution::Range{from, to, 1}});
}

std::uint64_t profile_position(const Value& value) {
  std::string names;
  for (const Profile profile : kAllProfiles) {
    if (value.node().IsScalar() && value.node().Scalar() == to_string(profile)) {
      return static_cast<std::uint64_t>(
          std::distance(kAllProfiles.begin(), std::ranges::find(kAllProfiles, profile)));
    }
    names += (names.empty() ? "" : ", ") + std::string(to_string(profile));
  }
  value.wrong("one of " + names);
}

Distribution profiles(const Value& value) {
  if (value.node().IsMap()) return weighted(value, profile_position);
  return Distribution(profile_position(value));
}

Method method(const Value& value) {
  for (const Method one : {Method::kRows, Method::kColumns, Method::kStream, Method::kContexts}) {
    if (value.node().IsScalar() && value.node().Scalar() == to_string(one)) return one;
  }
  value.wrong("rows, columns, stream or contexts");
}

Replay replay(const Value& value, const std::string& where) {
  Replay replay;
  const auto path = std::filesystem::path(where).parent_path() / value.text();
  if (const Status s = read_replay(path.string(), &replay); !s.ok()) {
    throw Wrong{value.path() + ": " + s.message()};
  }
  return replay;
}

Arrivals arrivals(const Value& value, const std::string& where) {
  Fields kinds(value);
  const std::string kind = kinds.only({"even", "poisson", "bursts", "waves", "replay", "closed"});
  Fields fields(kinds.get(kind));
  const auto per_second = [&] { return fields.get("per_second").number(1e-3, kMaxPerSecond); };
  const auto requests = [&] {
    return static_cast<std::uint32_t>(fields.get("requests").number<std::uint64_t>(1, kMaxAtOnce));
  };
  const auto every_ms = [&](double least) { return fields.get("every_ms").number(least, kMaxMs); };
  Arrivals result;
  if (kind == "even") {
    result = Even{per_second()};
  } else if (kind == "poisson") {
    result = Poisson{per_second()};
  } else if (kind == "bursts") {
    result = Bursts{requests(), every_ms(1e-3)};
  } else if (kind == "waves") {
    const double window_ms = fields.get("window_ms").number(1e-3, kMaxMs);
    result = Waves{requests(), window_ms, every_ms(window_ms)};
  } else if (kind == "replay") {
    result = replay(fields.get("file"), where);
  } else {
    result = Closed{
        static_cast<std::uint32_t>(fields.get("in_flight").number<std::uint64_t>(1, 65'536))};
  }
  fields.finish();
  return result;
}

Scenario scenario_of(const YAML::Node& root, const std::string& where) {
  Fields fields(Value(root, ""));
  Scenario scenario;
  const auto milliseconds = [&](const char* name, double low, std::chrono::milliseconds* out) {
    if (!fields.has(name)) return;
    const double seconds = fields.get(name).number(low, kMaxSeconds);
    *out = std::chrono::milliseconds(std::llround(seconds * 1e3));
  };
  scenario.name = fields.get("name").text();
  scenario.source = fields.get("source").text();
  if (fields.has("method")) scenario.method = method(fields.get("method"));
  scenario.arrivals = arrivals(fields.get("arrivals"), where);
  if (fields.has("callers")) {
    scenario.callers = distribution(fields.get("callers"), 1, kMaxCallers);
  }
  if (fields.has("ams_per_request")) {
    const bool contexts = scenario.method == Method::kContexts;
    scenario.ams_per_request =
        distribution(fields.get("ams_per_request"), 1,
                     contexts ? kMaxContextsAms : std::uint64_t{wire::kMaxRequestItems});
  }
  if (fields.has("sas_per_ams")) {
    scenario.sas_per_ams =
        distribution(fields.get("sas_per_ams"), 0,
                     scenario.method == Method::kContexts ? kMaxContextsSas : kMaxSas);
  }
  if (fields.has("profiles")) scenario.profiles = profiles(fields.get("profiles"));
  milliseconds("warm_up_seconds", 0, &scenario.warm_up);
  milliseconds("measured_seconds", 0.05, &scenario.measured);
  milliseconds("timeout_seconds", 0.001, &scenario.timeout);
  if (fields.has("verified_share")) {
    scenario.verified_share = fields.get("verified_share").number(0.0, 1.0);
  }
  if (fields.has("seed")) scenario.seed = fields.get("seed").number<std::uint64_t>(0, UINT64_MAX);
  fields.finish();
  return scenario;
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::kRows:
      return "rows";
    case Method::kColumns:
      return "columns";
    case Method::kStream:
      return "stream";
    case Method::kContexts:
      return "contexts";
  }
  return "unknown";
}

Status parse_scenario(const std::string& text, const std::string& where, Scenario* out_scenario) {
  return yaml::parse(text, where,
                     [&](const YAML::Node& root) { *out_scenario = scenario_of(root, where); });
}

Status read_scenario(const std::string& path, Scenario* out_scenario) {
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) {
    return Status::invalid_argument(path + ": expected a scenario, found no file to read");
  }
  return parse_scenario(text, path, out_scenario);
}

}  // namespace rekey::bench::load
