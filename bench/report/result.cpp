// SPDX-License-Identifier: Apache-2.0
#include "report/result.h"

#include <array>
#include <utility>

#include "json_file.h"

namespace rekey::bench::report {
namespace {

using Type = Json::value_t;

struct Field {
  const char* path;
  Type type;
};

constexpr std::array kConditions = {
    Field{"/machine/cpu", Type::string},
    Field{"/machine/cpus", Type::number_unsigned},
    Field{"/build/version", Type::string},
    Field{"/build/compiler", Type::string},
    Field{"/scenario/name", Type::string},
    Field{"/scenario/source", Type::string},
    Field{"/scenario/method", Type::string},
    Field{"/scenario/loop", Type::string},
    Field{"/scenario/arrivals", Type::string},
    Field{"/scenario/speed", Type::number_float},
    Field{"/scenario/callers", Type::number_unsigned},
    Field{"/scenario/ams_per_request/mean", Type::number_float},
    Field{"/scenario/sas_per_ams/mean", Type::number_float},
    Field{"/scenario/warm_up_seconds", Type::number_float},
    Field{"/scenario/seed", Type::number_unsigned},
    Field{"/tls", Type::boolean},
    Field{"/servers", Type::array},
    Field{"/measured_seconds", Type::number_float},
};
constexpr std::array kLoad = {
    Field{"/requests/due", Type::number_unsigned},
    Field{"/requests/answered", Type::number_unsigned},
    Field{"/requests/failed", Type::number_unsigned},
    Field{"/requests/unsent", Type::number_unsigned},
    Field{"/ams/answered", Type::number_unsigned},
    Field{"/ams/failed", Type::number_unsigned},
    Field{"/errors", Type::object},
    Field{"/first_error", Type::string},
    Field{"/requests_per_second/due", Type::number_float},
    Field{"/requests_per_second/answered", Type::number_float},
    Field{"/ams_per_second", Type::number_float},
    Field{"/verification/answers", Type::number_unsigned},
    Field{"/verification/wrong", Type::number_unsigned},
    Field{"/verification/first_wrong", Type::string},
    Field{"/timeline/interval_seconds", Type::number_float},
    Field{"/timeline/intervals", Type::array},
};
constexpr std::array kKnee = {
    Field{"/p99_at_most_seconds", Type::number_float},
    Field{"/bounded", Type::boolean},
    Field{"/curve", Type::array},
};
constexpr std::array kPoint = {
    Field{"/due_per_second", Type::number_float},
    Field{"/answered_per_second", Type::number_float},
    Field{"/ams_per_second", Type::number_float},
    Field{"/p50", Type::number_float},
    Field{"/p99", Type::number_float},
    Field{"/p99.9", Type::number_float},
    Field{"/max", Type::number_float},
    Field{"/unanswered", Type::number_unsigned},
    Field{"/kept", Type::boolean},
};
constexpr std::array kInterval = {
    Field{"/answers", Type::number_unsigned},
    Field{"/ams", Type::number_unsigned},
    Field{"/errors", Type::number_unsigned},
    Field{"/max_seconds", Type::number_float},
};
constexpr std::array kHistogram = {
    Field{"/count", Type::number_unsigned}, Field{"/mean", Type::number_float},
    Field{"/p50", Type::number_float},      Field{"/p90", Type::number_float},
    Field{"/p99", Type::number_float},      Field{"/p99.9", Type::number_float},
    Field{"/p99.99", Type::number_float},   Field{"/max", Type::number_float},
};
constexpr std::array kHistograms = {"/latency_seconds", "/from_sent_seconds", "/send_lag_seconds"};
constexpr std::array kServer = {
    Field{"/address", Type::string},
    Field{"/version", Type::string},
    Field{"/engines", Type::array},
};
constexpr std::array kServerMetrics = {
    Field{"/batches", Type::number_float},
    Field{"/batch_ams/mean", Type::number_float},
    Field{"/batch_ams/p50", Type::number_float},
    Field{"/batch_ams/p99", Type::number_float},
    Field{"/queue_seconds/mean", Type::number_float},
    Field{"/queue_seconds/p50", Type::number_float},
    Field{"/queue_seconds/p99", Type::number_float},
};

bool has(const Json& found, Type type) {
  switch (type) {
    case Type::number_float:
      return found.is_number();
    case Type::number_unsigned:
      return found.is_number_integer() && found >= 0;
    default:
      return found.type() == type;
  }
}

const char* words(Type type) {
  switch (type) {
    case Type::number_float:
      return "a number";
    case Type::number_unsigned:
      return "a count";
    case Type::string:
      return "a string";
    case Type::boolean:
      return "true or false";
    case Type::array:
      return "an array";
    default:
      return "an object";
  }
}

/// Says what is wrong with the first bad field of the object at `where`.
template <typename Fields>
Status check_fields(const std::string& name, const Json& json, const std::string& where,
                    const Fields& fields) {
  for (const Field& field : fields) {
    const std::string path = where + field.path;
    const Json::json_pointer pointer(path);
    const bool there = json.contains(pointer);
    if (!there || !has(json.at(pointer), field.type)) {
      return Status::invalid_argument(name + ": " + path.substr(1) + ": expected " +
                                      words(field.type) + ", found " +
                                      (there ? json.at(pointer).dump() : "nothing"));
    }
  }
  return {};
}

template <typename Fields>
Status check_each(const std::string& name, const Json& json, const std::string& where,
                  const Fields& fields) {
  const std::size_t count = json.at(Json::json_pointer(where)).size();
  for (std::size_t i = 0; i < count; ++i) {
    if (Status s = check_fields(name, json, where + "/" + std::to_string(i), fields); !s.ok()) {
      return s;
    }
  }
  return {};
}

Status check_servers(const std::string& name, const Json& json) {
  if (Status s = check_each(name, json, "/servers", kServer); !s.ok()) return s;
  for (std::size_t i = 0; i < json["servers"].size(); ++i) {
    const std::string where = "/servers/" + std::to_string(i) + "/metrics";
    const Json::json_pointer metrics(where);
    if (!json.contains(metrics) || json.at(metrics).is_null()) continue;
    if (Status s = check_fields(name, json, where, kServerMetrics); !s.ok()) return s;
  }
  return {};
}

Status check_load(const std::string& name, const Json& json) {
  if (Status s = check_fields(name, json, "", kLoad); !s.ok()) return s;
  for (const char* histogram : kHistograms) {
    if (Status s = check_fields(name, json, histogram, kHistogram); !s.ok()) return s;
  }
  return check_each(name, json, "/timeline/intervals", kInterval);
}

Status check_knee(const std::string& name, const Json& json) {
  if (Status s = check_fields(name, json, "", kKnee); !s.ok()) return s;
  if (Status s = check_each(name, json, "/curve", kPoint); !s.ok()) return s;
  if (!json.contains("knee") || json["knee"].is_null()) return {};
  return check_fields(name, json, "/knee", kPoint);
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
  const Json kind = json.is_object() ? json.value("benchmark", Json()) : Json();
  const bool knee = kind == "load-knee" || kind == "load-self-test";
  if (!knee && kind != "load") {
    return Status::invalid_argument(name +
                                    ": benchmark: expected load, load-knee or "
                                    "load-self-test, found " +
                                    (kind.is_null() ? "nothing" : kind.dump()));
  }
  if (Status s = check_fields(name, json, "", kConditions); !s.ok()) return s;
  if (Status s = check_servers(name, json); !s.ok()) return s;
  return knee ? check_knee(name, json) : check_load(name, json);
}

Status read_results(const std::vector<std::string>& files, std::vector<Result>* out_results) {
  for (const std::string& file : files) {
    if (Status s = read(file, &out_results->emplace_back()); !s.ok()) return s;
  }
  return {};
}

}  // namespace rekey::bench::report
