// SPDX-License-Identifier: Apache-2.0
#include "plan/machine_profile.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include "json_fields.h"
#include "plan/method.h"
#include "plan/trial.h"
#include "plan/waking.h"

namespace rekey::bench::plan {
namespace {

/// What a transfer to a modelled GPU and its launch take at least: no model of ours has it.
constexpr double kModelledLaunchSeconds = 30e-6;
constexpr char kModelledLaunch[] = "30 us for copies and launch are assumed";

/// Simulated to tell what a lone request waits in the server from what it waits beside it.
constexpr std::uint64_t kLoneRequests = 50'000;
constexpr std::uint64_t kLoneSeed = 1;

/// LoadSample is one load result, in the terms of the model.
struct LoadSample {
  std::string file;
  std::string scenario;
  load::Method method = load::Method::kColumns;
  bool closed = false;
  double ams = 1;                            ///< of a request
  double per_second = 0;                     ///< answered
  std::optional<double> server_cpu_seconds;  ///< of a request; else all processors were its
  std::vector<CurvePoint> quantiles;         ///< of the latency, over the share
};

/// What is collected of one machine before its costs can be told apart.
struct Collected {
  std::string cpu;
  unsigned cpus = 0;
  unsigned server_processors = 0;  ///< 0: all
  std::vector<LoadSample> samples;
  std::vector<RestedLoad> rested;
  Costs derivation;
};

class Reader {
 public:
  explicit Reader(Profile profile) : profile_(profile) {}

  void read(const JsonValue& root) {
    if (root.json().is_array()) return read_models(root);
    const std::string kind = root.at("benchmark").text();
    if (kind == "machine") {
      read_machine(root);
    } else if (kind == "engines-sweep") {
      read_sweep(root, of(root));
    } else if (kind == "load") {
      of(root).samples.push_back(load_sample(root, std::nullopt));
    } else if (kind == "load-knee") {
      read_knee(root);
    } else if (kind == "gpu") {
      read_gpu(root);
    } else {
      root.at("benchmark").wrong("machine, engines-sweep, load, load-knee or gpu");
    }
  }

  [[nodiscard]] std::vector<Collected>& collected() { return collected_; }
  [[nodiscard]] std::vector<Device>& devices() { return devices_; }

 private:
  Collected& of(const JsonValue& root) {
    const JsonValue machine = root.at("machine");
    const std::string cpu = machine.at("cpu").text();
    const auto cpus = static_cast<unsigned>(machine.at("cpus").number(1, 65'536));
    for (Collected& one : collected_) {
      if (one.cpu == cpu && one.cpus == cpus) return one;
    }
    return collected_.emplace_back(Collected{cpu, cpus, 0, {}, {}, {}});
  }

  /// The results in it come from programs that were kept on one processor each.
  void read_machine(const JsonValue& root) {
    Collected& machine = of(root);
    read_sweep(root.at("engines"), machine);
    machine.server_processors =
        static_cast<unsigned>(root.at("server_processors").number(1, 65'536));
    for (const JsonValue& one : root.at("loads").items()) {
      machine.samples.push_back(
          load_sample(one.at("load"), one.at("server_cpu_seconds").number(0, 1e9)));
    }
    if (!root.json().contains("rests")) return;  // as of versions that did not measure them
    for (const JsonValue& one : root.at("rests").items()) {
      machine.rested.push_back(read_rested_load(one));
    }
  }

  static LoadSample sample_of(const JsonValue& root) {
    const JsonValue scenario = root.at("scenario");
    LoadSample sample;
    sample.file = root.file();
    sample.scenario = scenario.at("name").text();
    sample.method = method_of(scenario.at("method"));
    sample.closed = scenario.at("loop").text() == "closed";
    sample.ams = scenario.at("ams_per_request").at("mean").number(1, 65'536);
    return sample;
  }

  static LoadSample load_sample(const JsonValue& root, std::optional<double> cpu_seconds) {
    LoadSample sample = sample_of(root);
    const double answered = root.at("requests").at("answered").number(1, 1e15);
    sample.per_second = root.at("requests_per_second").at("answered").number(1e-9, 1e12);
    if (cpu_seconds) sample.server_cpu_seconds = *cpu_seconds / answered;
    const JsonValue latency = root.at("latency_seconds");
    for (const auto& [name, share] :
         {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1.0}}) {
      sample.quantiles.push_back({share, latency.at(name).number(0, 1e9)});
    }
    return sample;
  }

  void read_knee(const JsonValue& root) {
    const auto points = root.at("curve").items();
    if (points.empty()) root.at("curve").wrong("at least one run");
    LoadSample slow = sample_of(root);
    LoadSample fast = slow;
    fast.closed = true;  // as busy as it was seen to get
    slow.per_second = 1e300;
    for (const JsonValue& point : points) {
      const double per_second = point.at("answered_per_second").number(0, 1e12);
      fast.per_second = std::max(fast.per_second, per_second);
      if (per_second >= slow.per_second) continue;
      slow.per_second = per_second;
      slow.quantiles.clear();
      for (const auto& [name, share] :
           {std::pair{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1.0}}) {
        slow.quantiles.push_back({share, point.at(name).number(0, 1e9)});
      }
    }
    of(root).samples.push_back(std::move(slow));
    of(root).samples.push_back(std::move(fast));
  }

  /// The values of `list` whose field "profile" is the plan's.
  [[nodiscard]] JsonValue profile_in(const JsonValue& list) const {
    for (const JsonValue& one : list.items()) {
      if (one.at("profile").text() == to_string(profile_)) return one;
    }
    list.wrong("the profile " + std::string(to_string(profile_)));
  }

  static Curve batch_costs(const JsonValue& sizes) {
    std::vector<CurvePoint> points;
    for (const JsonValue& size : sizes.items()) {
      const double ams = size.at("ams_per_batch").number(1, 1e9);
      points.push_back({ams, ams / size.at("ams_per_second").at("median").number(1, 1e15)});
    }
    if (points.empty()) sizes.wrong("at least one size");
    return Curve(std::move(points));
  }

  void read_sweep(const JsonValue& root, Collected& machine) const {
    for (const JsonValue& one : profile_in(root.at("profiles")).at("contenders").items()) {
      if (!one.at("name").text().starts_with("simd")) continue;
      machine.derivation = {batch_costs(one.at("sizes")), Origin::kMeasured,
                            "rekey-bench engines --sweep, " + one.at("description").text()};
      return;
    }
    root.at("profiles").wrong("a measured simd engine");
  }

  void read_gpu(const JsonValue& root) {
    if (!root.at("from_device").boolean()) {
      root.at("from_device").wrong("true (what stands in for a device says nothing of one)");
    }
    const std::string name = root.at("device").text();
    for (const JsonValue& way : profile_in(root.at("profiles")).at("ways").items()) {
      if (way.at("name").text() != "cuda") continue;
      devices_.push_back({name,
                          {batch_costs(way.at("sizes")), Origin::kMeasured,
                           "rekey-bench gpu, " + way.at("description").text()}});
      return;
    }
    root.at("profiles").wrong("the way cuda");
  }

  void read_models(const JsonValue& root) {
    for (const JsonValue& one : root.items()) {
      if (one.at("kind").text() != "modelled") one.at("kind").wrong("modelled");
      if (one.at("profile").text() != to_string(profile_)) continue;
      double per_second = 1e300;
      for (const char* bound : {"compute", "memory", "link"}) {
        per_second = std::min(per_second, one.at(bound).number(1, 1e15));
      }
      devices_.push_back(
          {one.at("gpu").text() + " (modelled)",
           {Curve({{1, kModelledLaunchSeconds + 1 / per_second},
                   {1e6, kModelledLaunchSeconds + 1e6 / per_second}}),
            Origins(Origin::kModelled) | Origin::kAssumed,
            "bench/gpu_model: " + one.at("source").text() + "; " + kModelledLaunch}});
    }
  }

  Profile profile_;
  std::vector<Collected> collected_;
  std::vector<Device> devices_;
};

/// What a request takes of a processor that is busy, its derivation included.
double busy_seconds(const LoadSample& sample, unsigned cpus) {
  return sample.server_cpu_seconds.value_or(cpus / sample.per_second);
}

/// Busy costs from the closed loops of one method; nothing where there are none.
Curve busy_curve(const Collected& collected, load::Method method) {
  std::map<double, std::vector<double>> by_size;
  for (const LoadSample& sample : collected.samples) {
    if (sample.method == method && sample.closed) {
      by_size[sample.ams].push_back(busy_seconds(sample, collected.cpus));
    }
  }
  std::vector<CurvePoint> points;
  points.reserve(by_size.size());
  for (auto& [ams, seconds] : by_size) points.push_back({ams, median(std::move(seconds))});
  return Curve(std::move(points));
}

/// The open loops with the lowest rate, each quantile and cost the middle one of theirs.
std::optional<LoadSample> lone(const Collected& collected, load::Method method) {
  constexpr double kAbout = 1.1;
  std::vector<LoadSample> open;
  for (const LoadSample& sample : collected.samples) {
    if (sample.method == method && !sample.closed) open.push_back(sample);
  }
  if (open.empty()) return std::nullopt;
  const double lowest = std::ranges::min_element(open, {}, &LoadSample::per_second)->per_second;
  const std::size_t shares = open.front().quantiles.size();
  std::erase_if(open, [=](const LoadSample& one) {
    return one.per_second > lowest * kAbout || one.quantiles.size() != shares;
  });
  const auto middle = [&](const auto& value_of) {
    std::vector<double> values;
    values.reserve(open.size());
    for (const LoadSample& one : open) values.push_back(value_of(one));
    return median(std::move(values));
  };
  LoadSample lone = open.front();
  for (std::size_t i = 0; i < lone.quantiles.size(); ++i) {
    lone.quantiles[i].y = middle([i](const LoadSample& one) { return one.quantiles[i].y; });
  }
  if (lone.server_cpu_seconds) {
    lone.server_cpu_seconds =
        middle([](const LoadSample& one) { return one.server_cpu_seconds.value_or(0); });
  }
  return lone;
}

/// Processors that rekeyd had while it was measured.
unsigned processors_of(const Collected& collected) {
  return collected.server_processors == 0 ? collected.cpus : collected.server_processors;
}

std::string describe(const LoadSample& sample) {
  std::ostringstream text;
  text << "rekey-bench load, " << sample.scenario << ", " << sample.ams << " AMSs a request, "
       << sample.per_second << " requests a second (" << sample.file << ")";
  return text.str();
}

std::string describe_busy(const Collected& collected, load::Method method) {
  std::string text;
  for (const LoadSample& sample : collected.samples) {
    if (sample.method != method || !sample.closed) continue;
    text += (text.empty() ? "" : "; ") + describe(sample);
  }
  return text;
}

MethodCosts method_costs(const Collected& collected, load::Method method, const Curve& busy,
                         const LoadSample& alone) {
  MethodCosts costs;
  std::vector<CurvePoint> beside_derivation;
  for (const CurvePoint& point : busy.points()) {
    beside_derivation.push_back(
        {point.x, std::max(0.0, point.y - collected.derivation.curve.at(point.x))});
  }
  costs.request = {Curve(std::move(beside_derivation)), Origin::kMeasured,
                   describe_busy(collected, method)};
  // A lone request's processor time is that of a busy one and, where it found the processor idle,
  // what waking took.
  const double busy_alone = busy.at(alone.ams);
  CurvePoint waking;
  if (alone.server_cpu_seconds) {
    const double idle = 1 - std::min(0.9, alone.per_second * *alone.server_cpu_seconds);
    waking = {idle / alone.per_second,
              std::max(0.0, (*alone.server_cpu_seconds - busy_alone) / idle)};
  }
  costs.waking = {Curve({waking}), Origin::kMeasured, describe(alone)};
  // What the server cannot have taken passed beside it, percentile by percentile.
  Station station;
  station.processors = processors_of(collected);
  station.request_seconds = costs.request.curve;
  station.wake_seconds = costs.waking.curve;
  station.batch_seconds = collected.derivation.curve;
  std::vector<double> in_server =
      sojourns_steady(station, {alone.per_second, alone.ams}, kLoneRequests, kLoneSeed);
  std::vector<CurvePoint> beside;
  for (const CurvePoint& quantile : alone.quantiles) {
    beside.push_back({quantile.x, std::max(0.0, quantile.y - quantile_of(&in_server, quantile.x))});
  }
  costs.beside = {Curve(std::move(beside)), Origin::kMeasured, describe(alone)};
  return costs;
}

Machine machine_of(const Collected& collected) {
  Machine machine;
  machine.cpu = collected.cpu;
  machine.processors = {static_cast<double>(collected.cpus), Origin::kMeasured,
                        "logical CPUs, as the kernel gives them"};
  machine.measured_processors = processors_of(collected);
  machine.derivation = collected.derivation;
  if (machine.derivation.curve.empty()) {
    throw JsonWrong{machine.name() +
                    ": expected a result of rekey-bench engines --sweep --json, found none"};
  }
  bool own_cpu = false;
  bool shared_cpu = false;
  for (const load::Method method : kMethods) {
    const Curve busy = busy_curve(collected, method);
    const std::optional<LoadSample> alone = lone(collected, method);
    if (busy.empty() || !alone) continue;
    machine.methods[method] = method_costs(collected, method, busy, *alone);
    fit_waking(collected.rested, method, &machine);
    if (machine.methods[method].waking.curve.points().size() == 1) {
      machine.warnings.push_back("What waking takes after a long rest was not measured with " +
                                 std::string(load::to_string(method)) +
                                 ": the first requests of a wave take longer than is said here.");
    }
  }
  for (const LoadSample& sample : collected.samples) {
    (sample.server_cpu_seconds ? own_cpu : shared_cpu) = true;
  }
  if (machine.methods.empty()) {
    throw JsonWrong{machine.name() +
                    ": expected results of rekey-bench load in closed loop and in open loop, or of "
                    "--find-knee, found none of one method"};
  }
  if (shared_cpu) {
    machine.warnings.emplace_back(
        "What a request takes was read from the highest rate, as if all processors were rekeyd's: "
        "a client on the same machine is counted in.");
  }
  if (own_cpu && collected.cpus > 1) {
    machine.warnings.emplace_back("What a request takes was measured on one processor; that " +
                                  std::to_string(collected.cpus) +
                                  " do as many times as much is assumed.");
    machine.processors.origins = machine.processors.origins | Origin::kAssumed;
  }
  return machine;
}

}  // namespace

Station Machine::station(load::Method method) const {
  const MethodCosts& costs = methods.at(method);
  Station station;
  station.processors = static_cast<unsigned>(processors.value);
  station.request_seconds = costs.request.curve;
  station.wake_seconds = costs.waking.curve;
  station.batch_seconds = derivation.curve;
  return station;
}

Origins Machine::origins(load::Method method) const {
  const MethodCosts& costs = methods.at(method);
  return processors.origins | costs.request.origins | costs.waking.origins | costs.beside.origins |
         derivation.origins;
}

std::string Machine::name() const {
  std::ostringstream text;
  text << cpu << ", " << processors.value << (processors.value == 1 ? " CPU" : " CPUs");
  return text.str();
}

std::vector<MeasuredLoad> validation_of(const Result& result) {
  std::vector<MeasuredLoad> loads;
  if (!result.json.is_object() || !result.json.contains("validation")) return loads;
  for (const Json& one : result.json.at("validation")) {
    loads.push_back({result.file, one.value("scenario", ""), one.value("load", Json())});
  }
  return loads;
}

Status make_machines(const std::vector<Result>& results, Profile profile, Machines* out_machines) {
  try {
    Reader reader(profile);
    for (const Result& result : results) reader.read(JsonValue(result.json, result.file, ""));
    Machines machines;
    for (const Collected& one : reader.collected()) machines.machines.push_back(machine_of(one));
    if (machines.machines.empty()) {
      throw JsonWrong{"expected a machine with results of rekey-bench load, found none"};
    }
    machines.devices = std::move(reader.devices());
    *out_machines = std::move(machines);
  } catch (const JsonWrong& wrong) {
    return Status::invalid_argument(wrong.message);
  }
  return {};
}

}  // namespace rekey::bench::plan
