// SPDX-License-Identifier: Apache-2.0
#include "plan/measure.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "json_program.h"
#include "machine.h"
#include "service/cores.h"
#include "service/server_process.h"

namespace rekey::bench::plan {
namespace {

using namespace std::chrono_literals;

/// Requests a second at which most requests are alone: fewer, and processors sleep deeper.
constexpr char kLone[] = "{poisson: {per_second: 2000}}";
constexpr auto kRest = 300ms;
constexpr double kWarmUpSeconds = 0.1;
constexpr unsigned kLoneAms = 16;
constexpr unsigned kClosedAms[] = {1, 16, 256, 4'096};
constexpr unsigned kRestsMs[] = {4, 16, 64, 256};
constexpr double kRestedWindowMs = 2;
constexpr unsigned kRestedRequests = 16;

/// LoadRun is one load, and what its result is for.
struct LoadRun {
  std::string name;
  std::string arrivals;
  unsigned ams = 1;
  std::string list = "loads";  ///< of the result that it becomes part of
  double rest_ms = 0;          ///< between waves
  double every_ms = 0;         ///< a wave; 0: there are none
};

std::vector<LoadRun> load_runs() {
  // What leaves the machine alone comes before what does not.
  std::vector<LoadRun> runs = {
      {"lone", kLone, kLoneAms},
      {"poisson-4000", "{poisson: {per_second: 4000}}", kLoneAms, "validation"},
      {"poisson-6000", "{poisson: {per_second: 6000}}", kLoneAms, "validation"},
  };
  const auto add_waves = [&](const std::string& name, const std::string& list, unsigned requests,
                             double window_ms, double rest_ms) {
    std::ostringstream waves;
    waves << "{waves: {requests: " << requests << ", window_ms: " << window_ms
          << ", every_ms: " << window_ms + rest_ms << "}}";
    runs.push_back({name, waves.str(), kLoneAms, list, rest_ms, window_ms + rest_ms});
  };
  add_waves("outage", "validation", 256, 27.5, 172.5);
  for (const unsigned rest : kRestsMs) {
    add_waves("rests-" + std::to_string(rest), "rests", kRestedRequests, kRestedWindowMs, rest);
  }
  for (const unsigned ams : kClosedAms) {
    runs.push_back({"closed-" + std::to_string(ams), "{closed: {in_flight: 32}}", ams});
  }
  return runs;
}

/// Connections are made before anything counts. Of waves the first is for that; the server is then
/// asked for its metrics amid a rest.
double warm_up_seconds(const LoadRun& run) {
  return run.every_ms > 0 ? run.every_ms / 2e3 : kWarmUpSeconds;
}

std::string yaml_of(const LoadRun& run, const Network& network) {
  std::ostringstream yaml;
  yaml << "name: " << run.name
       << "\nsource: rekey-plan measure\nmethod: " << load::to_string(network.method)
       << "\narrivals: " << run.arrivals
       << "\ncallers: {uniform: [1, 6]}\nams_per_request: " << run.ams
       << "\nsas_per_ams: " << (network.profile == Profile::kLegacy16e ? "0" : "{uniform: [1, 4]}")
       << "\nprofiles: " << to_string(network.profile)
       << "\nwarm_up_seconds: " << warm_up_seconds(run) << "\nverified_share: 0\n";
  return yaml.str();
}

class Measurement {
 public:
  Measurement(const Network& network, const MeasureOptions& options)
      : network_(network), options_(options), runs_(load_runs()) {}

  Status run(Result* out_result) {
    const bench::Machine machine = this_machine();  // before this thread is kept on one processor
    json_["benchmark"] = "machine";
    json_["machine"] = {{"cpu", machine.cpu}, {"cpus", machine.cpus}};
    json_["server_processors"] = 1;
    const Cores cores = Cores::choose();
    const PinnedThread client(cores.client);
    if (Status s = sweep(); !s.ok()) return s;
    if (Status s = ServerProcess::start(options_.programs + "/rekeyd", {"--listen", "127.0.0.1:0"},
                                        cores.servers, 60s, &rekeyd_);
        !s.ok()) {
      return s;
    }
    for (unsigned round = 1; round <= options_.rounds; ++round) {
      std::this_thread::sleep_for(kRest);
      for (const LoadRun& run : runs_) {
        if (Status s = load(run, round); !s.ok()) return s;
      }
    }
    *out_result = {"this machine", std::move(json_)};
    return {};
  }

 private:
  [[nodiscard]] std::string bench() const { return options_.programs + "/rekey-bench"; }
  /// Enough for a wave to be due.
  [[nodiscard]] double seconds(const LoadRun& run) const {
    return std::max(options_.seconds, run.every_ms / 1e3);
  }

  Status sweep() {
    std::cerr << "measuring the engines\n";
    json_["engines"] = nullptr;
    json_["loads"] = json_["rests"] = json_["validation"] = Json::array();
    return run_json(
        {bench(), "engines", "--sweep", "--profile", std::string(to_string(network_.profile)),
         "--seconds", Json(options_.seconds).dump(), "--json"},
        &json_["engines"]);
  }

  Status load(const LoadRun& run, unsigned round) {
    std::cerr << "measuring " << run.name << ", round " << round << " of " << options_.rounds
              << '\n';
    const std::string yaml = yaml_of(run, network_);
    const MemoryFile file;
    if (!file.write(yaml)) return {Code::kUnavailable, "no memory for a scenario"};
    const double measured = seconds(run);
    const double before = rekeyd_->cpu_seconds();
    Json result;
    const Status status = run_json({bench(), "load", file.name(), "--server", rekeyd_->address(),
                                    "--seconds", Json(measured).dump(), "--json"},
                                   &result);
    if (!status.ok()) return rekeyd_->explain(status);
    // The warm-up has its share of it.
    const double cpu_seconds =
        (rekeyd_->cpu_seconds() - before) * measured / (measured + warm_up_seconds(run));
    Json one = {
        {"scenario", yaml}, {"server_cpu_seconds", cpu_seconds}, {"load", std::move(result)}};
    if (run.list == "rests") one["rest_seconds"] = run.rest_ms / 1e3;
    json_[run.list].push_back(std::move(one));
    return {};
  }

  const Network& network_;
  const MeasureOptions& options_;
  std::vector<LoadRun> runs_;
  std::unique_ptr<ServerProcess> rekeyd_;
  Json json_;
};

}  // namespace

Status measure_machine(const Network& network, const MeasureOptions& options, Result* out_result) {
  return Measurement(network, options).run(out_result);
}

}  // namespace rekey::bench::plan
