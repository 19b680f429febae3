// SPDX-License-Identifier: Apache-2.0
#include "overload/small_caller.h"

#include <filesystem>
#include <sstream>
#include <thread>

#include "json_program.h"
#include "rpc/short_turns.h"

namespace rekey::bench::overload {
namespace {

std::string scenario(std::uint64_t seed, std::chrono::milliseconds length) {
  std::ostringstream yaml;
  yaml << "name: small caller\n"
       << "source: rekey-bench overload\n"
       << "arrivals: {poisson: {per_second: " << kSmallPerSecond << "}}\n"
       << "ams_per_request: " << kSmallAms << '\n'
       << "warm_up_seconds: 0.3\n"
       << "measured_seconds: " << Seconds(length).count() << '\n'
       << "seed: " << seed << '\n';
  return yaml.str();
}

}  // namespace

Status run_small_caller(const load::Targets& targets, std::uint64_t seed,
                        std::chrono::milliseconds length, SmallFigures* out_figures) {
  const MemoryFile given;
  if (!given.write(scenario(seed, length))) {
    return {Code::kUnavailable, "the small caller: no memory for its scenario"};
  }
  Json report;
  Status status;
  // The program's threads have the turns of the thread that starts it.
  std::thread([&] {
    rpc::ask_for_short_turns();
    status = run_json({std::filesystem::read_symlink("/proc/self/exe"), "load", given.name(),
                       "--server", targets.addresses.front(), "--tls-cert", targets.tls.cert,
                       "--tls-key", targets.tls.key, "--tls-ca", targets.tls.ca, "--json"},
                      &report);
  }).join();
  if (!status.ok()) return {status.code(), "the small caller: " + status.message()};
  const Json& latency = report.at("latency_seconds");
  out_figures->p50 = Seconds(latency.at("p50").get<double>());
  out_figures->p99 = Seconds(latency.at("p99").get<double>());
  out_figures->send_lag_p99 = Seconds(report.at("send_lag_seconds").at("p99").get<double>());
  const Json& requests = report.at("requests");
  out_figures->failed =
      requests.at("failed").get<std::uint64_t>() + requests.at("unsent").get<std::uint64_t>();
  out_figures->first_error = report.at("first_error").get<std::string>();
  return {};
}

}  // namespace rekey::bench::overload
