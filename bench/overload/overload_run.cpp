// SPDX-License-Identifier: Apache-2.0
#include "overload/overload_run.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

#include "overload/driver.h"
#include "service/certificates.h"
#include "service/server_process.h"

namespace rekey::bench::overload {
namespace {

using namespace std::chrono_literals;

constexpr int kResourceExhausted = 8;    // gRPC's code of a refusal
constexpr std::uint32_t kInFlight = 16;  // requests that keep the server busy, within its bounds
constexpr auto kWarmUp = 300ms;          // of a closed loop
/// A flood lasts so much longer than what is measured beside it: the other process has to start.
constexpr auto kFloodMargin = 2'000ms;
constexpr double kLightShare = 0.05;  // of the capacity, before and after
constexpr auto kWindow = 200ms;       // in which the light load's median is taken
constexpr double kNormal = 1.5;       // in multiples of that median before
constexpr std::chrono::seconds kPatience{
    60};  // a server tries every known answer before it listens

/// The values of each round, by name of the figure.
using Values = std::vector<double>;

std::vector<std::string> server_flags(const OverloadPlan& plan, std::uint64_t caller_items) {
  return {"--listen",       "127.0.0.1:0",
          "--log-level",    "info",
          "--verify",       plan.verify,
          "--simd-threads", "1",
          "--queue-items",  std::to_string(kQueueAms),
          "--caller-items", std::to_string(caller_items)};
}

/// A line of the kernel's account of a process, in octets; 0 once it is gone.
double memory(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name + ":")) continue;
    return std::stod(line.substr(name.size() + 1)) * 1'024;
  }
  return 0;
}

/// Requests a second that the server answers when it is kept busy.
Status measure_peak(Driver* driver, std::chrono::milliseconds slice, double* out_per_second) {
  Observed closed;
  if (Status s = driver->run_closed(kInFlight, kWarmUp, slice, &closed); !s.ok()) return s;
  if (closed.counts.failed > 0) {
    return {Code::kUnavailable,
            "closed loop: expected answers, found " + closed.counts.first_error};
  }
  *out_per_second =
      static_cast<double>(closed.counts.answers_while_measured()) / Seconds(slice).count();
  if (*out_per_second <= 0)
    return {Code::kUnavailable, "closed loop: expected answers, found none"};
  return {};
}

struct OverloadValues {
  Values peak, offered, send_lag_p99, goodput, p99, p99_ratio, bound, refused_share, refused_p99,
      light_p50, normal_after, memory_growth;
};

void look(const Observed& run, double peak, std::chrono::milliseconds slice,
          OverloadValues* values) {
  const Clock::time_point begin = run.start + slice;
  const Clock::time_point end = begin + slice;
  const Observations offered = due_between(run.observations, begin, end);
  const Observations accepted = with_code(offered, 0);
  const Observations refused = with_code(offered, kResourceExhausted);
  const double seconds = Seconds(slice).count();
  const double goodput = answered_per_second(run.observations, begin, end);
  const double bound = static_cast<double>(kQueueAms) / (goodput * kRequestAms);
  const Seconds light = percentile(latencies(due_between(run.observations, run.start, begin)), 0.5);
  // The client's core is busier than the server's: what it sent late says nothing of the queue.
  const double p99 = percentile(answer_times(accepted), 0.99).count();
  values->peak.push_back(peak * kRequestAms);
  values->offered.push_back(static_cast<double>(offered.size()) / seconds / peak);
  values->goodput.push_back(goodput / peak);
  values->p99.push_back(p99);
  values->p99_ratio.push_back(p99 / bound);
  values->bound.push_back(bound);
  values->send_lag_p99.push_back(percentile(send_lags(offered), 0.99).count());
  values->refused_share.push_back(static_cast<double>(refused.size()) /
                                  static_cast<double>(offered.size()));
  values->refused_p99.push_back(percentile(answer_times(refused), 0.99).count());
  values->light_p50.push_back(light.count());
  values->normal_after.push_back(
      time_to_normal(run.observations, end, end + slice, kWindow, light * kNormal)
          .value_or(Seconds(slice))
          .count());
}

OverloadFigures summed(const OverloadValues& values) {
  OverloadFigures figures;
  figures.peak = summarize(values.peak);
  figures.offered_ratio = summarize(values.offered);
  figures.send_lag_p99 = summarize(values.send_lag_p99);
  figures.goodput_ratio = summarize(values.goodput);
  figures.accepted_p99 = summarize(values.p99);
  figures.accepted_p99_ratio = summarize(values.p99_ratio);
  figures.queue_bound = summarize(values.bound);
  figures.refused_share = summarize(values.refused_share);
  figures.refused_p99 = summarize(values.refused_p99);
  figures.light_p50 = summarize(values.light_p50);
  figures.normal_after = summarize(values.normal_after);
  figures.memory_growth = summarize(values.memory_growth);
  return figures;
}

}  // namespace

Status run_overload(const OverloadPlan& plan, const std::function<void(unsigned)>& on_round,
                    OverloadFigures* out_figures) {
  std::unique_ptr<ServerProcess> server;
  if (Status s = ServerProcess::start(plan.rekeyd, server_flags(plan, kQueueAms),
                                      plan.cores.servers, kPatience, &server);
      !s.ok()) {
    return s;
  }
  const PinnedThread client(plan.cores.client);
  std::unique_ptr<Driver> driver;
  if (Status s = Driver::make({{server->address()}, {}, {}}, kRequestAms, &driver); !s.ok()) {
    return s;
  }
  OverloadValues values;
  std::uint64_t other_errors = 0;
  std::string first_error;
  for (unsigned round = 0; round < plan.rounds; ++round) {
    double peak = 0;
    if (Status s = measure_peak(driver.get(), plan.slice, &peak); !s.ok()) {
      return server->explain(s);
    }
    load::Replay arrivals;
    append_poisson(peak * kLightShare, 0ms, plan.slice, std::uint64_t{3} * round, &arrivals);
    append_poisson(peak * kOffered, plan.slice, plan.slice, 3 * round + 1, &arrivals);
    append_poisson(peak * kLightShare, 2 * plan.slice, plan.slice, 3 * round + 2, &arrivals);
    const double before = memory(server->pid(), "VmRSS");
    Observed run;
    if (Status s = driver->run_open(std::move(arrivals), 3 * plan.slice, &run); !s.ok()) {
      return server->explain(s);
    }
    look(run, peak, plan.slice, &values);
    values.memory_growth.push_back(std::max(0.0, memory(server->pid(), "VmHWM") - before));
    for (const auto& [code, count] : run.counts.errors) {
      if (code != load::code_name(kResourceExhausted)) other_errors += count;
    }
    other_errors += run.counts.unsent;
    if (first_error.empty()) first_error = run.counts.first_error;
    on_round(round + 1);
  }
  *out_figures = summed(values);
  out_figures->other_errors = other_errors;
  out_figures->first_error = std::move(first_error);
  return {};
}

Status run_flood(const OverloadPlan& plan, const std::function<void(unsigned)>& on_round,
                 FloodFigures* out_figures) {
  std::unique_ptr<Certificates> certificates;
  if (Status s = Certificates::make(&certificates); !s.ok()) return s;
  const RunTls& tls = certificates->files();
  std::vector<std::string> flags = server_flags(plan, kQueueAms / 2);
  for (const std::string& flag :
       {std::string("--tls-cert"), tls.server.cert, std::string("--tls-key"), tls.server.key,
        std::string("--tls-ca"), tls.server.ca, std::string("--allow-derive"), tls.client_name,
        std::string("--allow-derive"), tls.other_name}) {
    flags.push_back(flag);
  }
  std::unique_ptr<ServerProcess> server;
  if (Status s = ServerProcess::start(plan.rekeyd, flags, plan.cores.servers, kPatience, &server);
      !s.ok()) {
    return s;
  }
  const PinnedThread client(plan.cores.client);
  const auto targets = [&](const TlsFiles& files) {
    return load::Targets{{server->address()}, {files.cert, files.key, files.ca}, {}};
  };
  std::unique_ptr<Driver> flood;
  if (Status s = Driver::make(targets(tls.other), kRequestAms, &flood); !s.ok()) return s;
  Values alone_p50, alone_p99, flooded_p50, flooded_p99, p99_ratio, send_lag_p99, flood_ratio;
  FloodFigures figures;
  for (unsigned round = 0; round < plan.rounds; ++round) {
    double peak = 0;
    if (Status s = measure_peak(flood.get(), plan.slice / 2, &peak); !s.ok()) {
      return server->explain(s);
    }
    SmallFigures alone, flooded;
    if (Status s =
            run_small_caller(targets(tls.client), std::uint64_t{2} * round, plan.slice, &alone);
        !s.ok()) {
      return server->explain(s);
    }
    // The flood begins before and ends after.
    load::Replay arrivals;
    const std::chrono::milliseconds length = plan.slice + kFloodMargin;
    append_poisson(peak * kOffered, 0ms, length, plan.rounds * 2 + round, &arrivals);
    Observed flooding;
    Status flood_status;
    std::thread thread(
        [&] { flood_status = flood->run_open(std::move(arrivals), length, &flooding); });
    std::this_thread::sleep_for(kWarmUp);
    const Status small_status =
        run_small_caller(targets(tls.client), 2 * round + 1, plan.slice, &flooded);
    thread.join();
    for (const Status& s : {small_status, flood_status}) {
      if (!s.ok()) return server->explain(s);
    }
    alone_p50.push_back(alone.p50.count());
    alone_p99.push_back(alone.p99.count());
    flooded_p50.push_back(flooded.p50.count());
    flooded_p99.push_back(flooded.p99.count());
    p99_ratio.push_back(flooded.p99 / alone.p99);
    send_lag_p99.push_back(flooded.send_lag_p99.count());
    flood_ratio.push_back(static_cast<double>(flooding.counts.due) / Seconds(length).count() /
                          peak);
    for (const SmallFigures* small : {&alone, &flooded}) {
      figures.failed += small->failed;
      if (figures.first_error.empty()) figures.first_error = small->first_error;
    }
    on_round(round + 1);
  }
  figures.alone_p50 = summarize(alone_p50);
  figures.alone_p99 = summarize(alone_p99);
  figures.flooded_p50 = summarize(flooded_p50);
  figures.flooded_p99 = summarize(flooded_p99);
  figures.p99_ratio = summarize(p99_ratio);
  figures.send_lag_p99 = summarize(send_lag_p99);
  figures.flood_ratio = summarize(flood_ratio);
  *out_figures = std::move(figures);
  return {};
}

}  // namespace rekey::bench::overload
