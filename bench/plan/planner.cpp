// SPDX-License-Identifier: Apache-2.0
#include "plan/planner.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "plan/formulas.h"
#include "plan/gpu_verdict.h"

namespace rekey::bench::plan {
namespace {

constexpr std::uint64_t kRequests = 40'000;      ///< simulated for a figure that is shown
constexpr std::uint64_t kRoughRequests = 5'000;  ///< for one step of a search
constexpr double kMostServers = 1e6;
constexpr double kMostHeadroom = 1'000;
constexpr double kHeadroomStep = 1.02;  ///< to which it is found
constexpr double kFifth = 0.2;
constexpr double kSecondsPerHour = 3'600;

/// Task is one case on one kind of machine.
struct Task {
  const Network& network;
  const CaseLoad& load;
  Station station;
  Curve beside;
  Origins machine;  ///< the origins of the last two
  std::uint64_t seed;

  /// What one of `servers` gets when there are `times` as many AMSs.
  [[nodiscard]] Steady steady(double servers, double times) const {
    return {load.ams_per_second.value * times / load.ams_per_request.value / servers,
            load.ams_per_request.value};
  }
  [[nodiscard]] WaveLoad wave(double servers, double times) const {
    const CaseLoad::Wave& wave = *load.wave;
    return {std::max(1.0, wave.ams.value * times / wave.ams_per_request.value / servers),
            wave.window_seconds.value, wave.ams_per_request.value};
  }

  /// Processor time of a request that finds its processor busy and is a batch of its own.
  [[nodiscard]] double request_seconds(double ams) const {
    return station.request_seconds.at(ams) + station.batch_seconds.at(ams);
  }
  [[nodiscard]] double steady_utilisation(double servers, double times) const {
    const Steady one = steady(servers, times);
    return utilisation(one.requests_per_second, request_seconds(one.ams_per_request),
                       station.processors);
  }

  [[nodiscard]] Latency simulated(double servers, double times, std::uint64_t requests) const {
    if (load.wave) {
      return run_waves(station, beside, steady(servers, times), wave(servers, times), requests,
                       seed);
    }
    return run_steady(station, beside, steady(servers, times), requests, seed);
  }

  [[nodiscard]] bool keeps(double servers, double times, std::uint64_t requests) const {
    const Objective& objective = network.objective;
    if (steady_utilisation(servers, times) > objective.utilisation_at_most.value) return false;
    return simulated(servers, times, requests).p99 <= objective.p99_seconds.value;
  }

  /// Origins of what is simulated.
  [[nodiscard]] Origins origins() const {
    Origins origins = machine | load.ams_per_second.origins | load.ams_per_request.origins;
    if (load.wave) {
      origins = origins | load.wave->ams.origins | load.wave->window_seconds.origins |
                load.wave->ams_per_request.origins;
    }
    return origins;
  }
  [[nodiscard]] Origins decided_by() const {
    return origins() | network.objective.p99_seconds.origins |
           network.objective.utilisation_at_most.origins;
  }
};

/// The fewest servers that keep the objective; nothing where no number is seen to. More do not
/// always: those with less to do wake more slowly.
std::optional<double> fewest_servers(const Task& task) {
  const auto keeps = [&](double servers) { return task.keeps(servers, 1, kRoughRequests); };
  double low = std::max(1.0, std::ceil(task.steady_utilisation(1, 1) /
                                       task.network.objective.utilisation_at_most.value)) -
               1;
  double high = low + 1;
  for (double step = 1; !keeps(high); step *= 2) {
    if (high > kMostServers) return std::nullopt;
    low = high;
    high += step;
  }
  while (high - low > 1) {
    const double middle = std::floor((low + high) / 2);
    (keeps(middle) ? high : low) = middle;
  }
  return high;
}

/// How many times as many AMSs `servers` bear; below 1 where they do not bear what there is.
double headroom(const Task& task, double servers) {
  const auto keeps = [&](double times) { return task.keeps(servers, times, kRoughRequests); };
  double low = 1;
  double high = 1;
  if (keeps(1)) {
    while (keeps(high *= 2)) {
      low = high;
      if (high > kMostHeadroom) return high;
    }
  } else {
    while (!keeps(low /= 2)) {
      high = low;
      if (low < 1 / kMostHeadroom) return 0;
    }
  }
  while (high / low > kHeadroomStep) {
    const double middle = std::sqrt(low * high);
    (keeps(middle) ? low : high) = middle;
  }
  return low;
}

double bound_seconds(const Task& task, double servers) {
  const Station& station = task.station;
  if (!task.load.wave) {
    const Steady one = task.steady(servers, 1);
    const double service = task.request_seconds(one.ams_per_request);
    return mdc_wait(one.requests_per_second, service, station.processors) + service;
  }
  const WaveLoad one = task.wave(servers, 1);
  const double service = station.request_seconds.at(one.ams_per_request);
  return wave_bound(one.requests, one.window_seconds, service, station.processors, 0.99);
}

Task task_of(const Network& network, const Machine& machine, const CaseLoad& load,
             std::uint64_t seed) {
  return {network,
          load,
          machine.station(network.method),
          machine.methods.at(network.method).beside.curve,
          machine.origins(network.method),
          seed};
}

CasePlan plan_case(const Task& task) {
  CasePlan plan;
  plan.load = task.load;
  const std::optional<double> servers = fewest_servers(task);
  if (!servers) return plan;
  const Origins origins = task.origins();
  plan.servers = Figure{*servers, task.decided_by()};
  plan.servers_with_spare = *plan.servers + task.network.objective.machines_lost;
  const Latency latency = task.simulated(*servers, 1, kRequests);
  plan.p50_seconds = {latency.p50, origins};
  plan.p99_seconds = {latency.p99, origins};
  plan.utilisation = {task.steady_utilisation(*servers, 1), origins};
  plan.in_server_seconds = {task.load.wave ? latency.in_server_p99 : latency.in_server_mean,
                            origins};
  plan.bound_seconds = {bound_seconds(task, *servers), origins};
  plan.headroom = {headroom(task, *servers), task.decided_by()};
  return plan;
}

/// Variation is one input and how it is varied.
struct Variation {
  std::string input;
  Origins origins;
  std::function<void(Network*, Machine*, double times)> vary;
};

/// The inputs that bear on one case.
std::vector<Variation> variations(const Network& network, const Machine& machine,
                                  const CaseLoad& load) {
  std::vector<Variation> all;
  Network names = network;
  const auto list = inputs(&names);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string& name = list[i].name;
    if (name.starts_with("prices") || name.starts_with("watts")) continue;
    if (name.starts_with("failures") && !name.starts_with("failures[" + load.name + "]")) continue;
    all.push_back({name, list[i].figure->origins, [i](Network* changed, Machine*, double times) {
                     inputs(changed)[i].figure->value *= times;
                   }});
  }
  const load::Method method = network.method;
  const MethodCosts& costs = machine.methods.at(method);
  all.push_back({"machine.request_seconds", costs.request.origins,
                 [method](Network*, Machine* changed, double times) {
                   Curve& curve = changed->methods.at(method).request.curve;
                   curve = curve.scaled(times);
                 }});
  all.push_back({"machine.waking_seconds", costs.waking.origins,
                 [method](Network*, Machine* changed, double times) {
                   Curve& curve = changed->methods.at(method).waking.curve;
                   curve = curve.scaled(times);
                 }});
  all.push_back({"machine.beside_seconds", costs.beside.origins,
                 [method](Network*, Machine* changed, double times) {
                   Curve& curve = changed->methods.at(method).beside.curve;
                   curve = curve.scaled(times);
                 }});
  all.push_back({"machine.derivation_seconds", machine.derivation.origins,
                 [](Network*, Machine* changed, double times) {
                   changed->derivation.curve = changed->derivation.curve.scaled(times);
                 }});
  return all;
}

Sensitivity::Side vary(const Variation& variation, const Network& network, const Machine& machine,
                       std::size_t governing, double planned, double times, std::uint64_t seed) {
  Network varied = network;
  Machine other = machine;
  variation.vary(&varied, &other, times);
  const CaseLoad load = cases_of(varied)[governing];
  const Task task = task_of(varied, other, load, seed);
  const Origins origins = task.decided_by() | variation.origins;
  Sensitivity::Side side;
  if (const auto servers = fewest_servers(task)) {
    side.servers =
        Figure{*servers + std::ceil(varied.objective.machines_lost.value - 1e-9), origins};
  }
  side.headroom = {headroom(task, planned), origins};
  return side;
}

std::vector<Sensitivity> sensitivities(const Network& network, const MachinePlan& plan,
                                       std::uint64_t seed) {
  std::vector<Sensitivity> all;
  const double planned = plan.cases[plan.governing].servers->value;
  for (const Variation& one : variations(network, plan.machine, plan.cases[plan.governing].load)) {
    const auto side = [&](double times) {
      return vary(one, network, plan.machine, plan.governing, planned, times, seed);
    };
    all.push_back({one.input, side(1 - kFifth), side(1 + kFifth)});
  }
  return all;
}

std::optional<Figure> total(const std::optional<Expense>& expense, const Figure& servers) {
  if (!expense) return std::nullopt;
  return servers * expense->server;
}

MachinePlan plan_machine(const Network& network, const Machine& machine,
                         const std::vector<Device>& devices, std::uint64_t seed) {
  MachinePlan plan;
  plan.machine = machine;
  const std::vector<CaseLoad> loads = cases_of(network);
  for (const CaseLoad& load : loads) {
    plan.cases.push_back(plan_case(task_of(network, machine, load, seed)));
  }
  const bool all =
      std::ranges::all_of(plan.cases, [](const CasePlan& one) { return one.servers.has_value(); });
  if (all) {
    // Of those that need as many the one with the least to spare decides.
    const auto most = std::ranges::max_element(plan.cases, {}, [](const CasePlan& one) {
      return std::pair(one.servers->value, -one.headroom.value);
    });
    plan.governing = static_cast<std::size_t>(most - plan.cases.begin());
    plan.servers = most->servers_with_spare;
    plan.price = total(network.prices, *plan.servers);
    plan.watts = total(network.watts, *plan.servers);
    plan.sensitivities = sensitivities(network, plan, seed);
  }
  for (const Device& device : devices) {
    for (const CaseLoad& load : loads) {
      if (!load.grown) plan.gpus.push_back(judge_gpu(network, machine, device, load));
    }
  }
  return plan;
}

}  // namespace

std::vector<CaseLoad> cases_of(const Network& network) {
  const Figure growth{std::pow(1 + network.growth_a_year.value, network.years.value),
                      network.growth_a_year.origins | network.years.origins};
  std::vector<CaseLoad> cases;
  for (const bool grown : {false, true}) {
    if (grown && growth.value == 1) break;
    const Figure ams_per_cell = grown ? network.ams_per_cell * growth : network.ams_per_cell;
    CaseLoad normal{
        "normal", grown,
        network.cells * ams_per_cell * network.handovers_per_hour / constant(kSecondsPerHour),
        network.ams_per_request, std::nullopt};
    cases.push_back(normal);
    for (const Failure& failure : network.failures) {
      CaseLoad load = normal;
      load.name = failure.name;
      load.wave = CaseLoad::Wave{failure.cells * ams_per_cell, failure.window_seconds,
                                 failure.ams_per_request};
      cases.push_back(std::move(load));
    }
  }
  return cases;
}

Status make_plan(const Network& network, const Machines& machines, std::uint64_t seed,
                 Plan* out_plan) {
  Plan plan{network, seed, {}};
  for (const Machine& machine : machines.machines) {
    if (!machine.methods.contains(network.method)) {
      return Status::invalid_argument(machine.name() +
                                      ": expected results of the network's method, " +
                                      std::string(load::to_string(network.method)) +
                                      ", in closed and in open loop, found none");
    }
    plan.machines.push_back(plan_machine(network, machine, machines.devices, seed));
  }
  *out_plan = std::move(plan);
  return {};
}

}  // namespace rekey::bench::plan
