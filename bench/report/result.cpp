// SPDX-License-Identifier: Apache-2.0
#include "report/result.h"

#include <array>
#include <cstdint>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "json_fields.h"
#include "json_file.h"

namespace rekey::bench::report {
namespace {

enum class Kind : std::uint8_t { kText, kCount, kNumber, kBoolean, kList, kObject };

struct Field {
  std::string_view path;  ///< names between slashes
  Kind kind;
};

constexpr std::array kConditions = {
    Field{"machine/cpu", Kind::kText},
    Field{"machine/cpus", Kind::kCount},
    Field{"build/version", Kind::kText},
    Field{"build/compiler", Kind::kText},
    Field{"scenario/name", Kind::kText},
    Field{"scenario/source", Kind::kText},
    Field{"scenario/method", Kind::kText},
    Field{"scenario/loop", Kind::kText},
    Field{"scenario/arrivals", Kind::kText},
    Field{"scenario/speed", Kind::kNumber},
    Field{"scenario/callers", Kind::kCount},
    Field{"scenario/ams_per_request/mean", Kind::kNumber},
    Field{"scenario/sas_per_ams/mean", Kind::kNumber},
    Field{"scenario/warm_up_seconds", Kind::kNumber},
    Field{"scenario/seed", Kind::kCount},
    Field{"tls", Kind::kBoolean},
    Field{"servers", Kind::kList},
    Field{"measured_seconds", Kind::kNumber},
};
constexpr std::array kLoad = {
    Field{"requests/due", Kind::kCount},
    Field{"requests/answered", Kind::kCount},
    Field{"requests/failed", Kind::kCount},
    Field{"requests/unsent", Kind::kCount},
    Field{"ams/answered", Kind::kCount},
    Field{"ams/failed", Kind::kCount},
    Field{"errors", Kind::kObject},
    Field{"first_error", Kind::kText},
    Field{"requests_per_second/due", Kind::kNumber},
    Field{"requests_per_second/answered", Kind::kNumber},
    Field{"ams_per_second", Kind::kNumber},
    Field{"verification/answers", Kind::kCount},
    Field{"verification/wrong", Kind::kCount},
    Field{"verification/first_wrong", Kind::kText},
    Field{"timeline/interval_seconds", Kind::kNumber},
    Field{"timeline/intervals", Kind::kList},
};
constexpr std::array kKnee = {
    Field{"p99_at_most_seconds", Kind::kNumber},
    Field{"bounded", Kind::kBoolean},
    Field{"curve", Kind::kList},
};
constexpr std::array kPoint = {
    Field{"due_per_second", Kind::kNumber},
    Field{"answered_per_second", Kind::kNumber},
    Field{"ams_per_second", Kind::kNumber},
    Field{"p50", Kind::kNumber},
    Field{"p99", Kind::kNumber},
    Field{"p99.9", Kind::kNumber},
    Field{"max", Kind::kNumber},
    Field{"unanswered", Kind::kCount},
    Field{"kept", Kind::kBoolean},
};
constexpr std::array kInterval = {
    Field{"answers", Kind::kCount},
    Field{"ams", Kind::kCount},
    Field{"errors", Kind::kCount},
    Field{"max_seconds", Kind::kNumber},
};
constexpr std::array kHistogram = {
    Field{"count", Kind::kCount},   Field{"mean", Kind::kNumber}, Field{"p50", Kind::kNumber},
    Field{"p90", Kind::kNumber},    Field{"p99", Kind::kNumber},  Field{"p99.9", Kind::kNumber},
    Field{"p99.99", Kind::kNumber}, Field{"max", Kind::kNumber},
};
constexpr std::array kHistograms = {"latency_seconds", "from_sent_seconds", "send_lag_seconds"};
constexpr std::array kServer = {
    Field{"address", Kind::kText},
    Field{"version", Kind::kText},
    Field{"engines", Kind::kList},
};
constexpr std::array kServerMetrics = {
    Field{"batches", Kind::kNumber},
    Field{"batch_ams/mean", Kind::kNumber},
    Field{"batch_ams/p50", Kind::kNumber},
    Field{"batch_ams/p99", Kind::kNumber},
    Field{"queue_seconds/mean", Kind::kNumber},
    Field{"queue_seconds/p50", Kind::kNumber},
    Field{"queue_seconds/p99", Kind::kNumber},
};

/// The value at a path below `value`. Throws JsonWrong, as all of these do.
JsonValue below(JsonValue value, std::string_view path) {
  for (const auto name : std::views::split(path, '/')) value = value.at({name.begin(), name.end()});
  return value;
}

void check(const JsonValue& value, Kind kind) {
  switch (kind) {
    case Kind::kText:
      std::ignore = value.text();
      break;
    case Kind::kCount:
      std::ignore = value.count();
      break;
    case Kind::kNumber:
      std::ignore = value.number();
      break;
    case Kind::kBoolean:
      std::ignore = value.boolean();
      break;
    case Kind::kList:
      std::ignore = value.items();
      break;
    case Kind::kObject:
      if (!value.json().is_object()) value.wrong("an object");
      break;
  }
}

void check_fields(const JsonValue& value, std::span<const Field> fields) {
  for (const Field& field : fields) check(below(value, field.path), field.kind);
}

void check_each(const JsonValue& list, std::span<const Field> fields) {
  for (const JsonValue& value : list.items()) check_fields(value, fields);
}

bool has(const JsonValue& value, const char* name) {
  return value.json().contains(name) && !value.json()[name].is_null();
}

void check_servers(const JsonValue& servers) {
  for (const JsonValue& server : servers.items()) {
    check_fields(server, kServer);
    if (has(server, "metrics")) check_fields(server.at("metrics"), kServerMetrics);
  }
}

void check_load(const JsonValue& root) {
  check_fields(root, kLoad);
  for (const char* histogram : kHistograms) check_fields(root.at(histogram), kHistogram);
  check_each(root.at("timeline").at("intervals"), kInterval);
}

void check_knee(const JsonValue& root) {
  check_fields(root, kKnee);
  check_each(root.at("curve"), kPoint);
  if (has(root, "knee")) check_fields(root.at("knee"), kPoint);
}

Status read(const std::string& file, Result* out_result) {
  Json json;
  if (Status s = read_json(file, &json); !s.ok()) return s;
  if (Status s = check_result(file, json); !s.ok()) return s;
  *out_result = {file, std::move(json)};
  return {};
}

}  // namespace

double number(const Json& json, const std::string& pointer) {
  return json.at(Json::json_pointer(pointer)).get<double>();
}

Status check_result(const std::string& name, const Json& json) {
  try {
    const JsonValue root(json, name, "");
    const std::string kind = root.at("benchmark").text();
    const bool knee = kind == "load-knee" || kind == "load-self-test";
    if (!knee && kind != "load") {
      root.at("benchmark").wrong("load, load-knee or load-self-test");
    }
    check_fields(root, kConditions);
    check_servers(root.at("servers"));
    knee ? check_knee(root) : check_load(root);
  } catch (const JsonWrong& wrong) {
    return Status::invalid_argument(wrong.message);
  }
  return {};
}

Status read_results(const std::vector<std::string>& files, std::vector<Result>* out_results) {
  for (const std::string& file : files) {
    if (Status s = read(file, &out_results->emplace_back()); !s.ok()) return s;
  }
  return {};
}

}  // namespace rekey::bench::report
