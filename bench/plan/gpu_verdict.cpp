// SPDX-License-Identifier: Apache-2.0
#include "plan/gpu_verdict.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace rekey::bench::plan {
namespace {

constexpr double kMostAms = 1e6;         ///< of a batch
constexpr double kMostServers = 10'000;  ///< without a GPU, up to which is looked

/// The smallest batch from which on the device is faster than one processor.
std::optional<double> faster_from(const Curve& device, const Curve& processor) {
  const auto gain = [&](double ams) { return processor.at(ams) - device.at(ams); };
  if (gain(kMostAms) <= 0) return std::nullopt;
  double low = 0;
  double high = kMostAms;
  while (high - low > 1) {
    const double middle = std::floor((low + high) / 2);
    (gain(middle) > 0 ? high : low) = middle;
  }
  return high;
}

/// The load from which on, at every load, servers with a GPU cost less than those without: `gain`
/// is how many times as much one bears, `price` how many times as much it costs. In servers
/// without; nothing when there is no such load.
std::optional<double> pays_from(double gain, double price) {
  for (double servers = kMostServers; servers >= 1; --servers) {
    if (std::ceil(servers / gain - 1e-9) * price < servers) continue;
    return servers < kMostServers ? std::optional(servers) : std::nullopt;
  }
  return 0;
}

std::string statement(const GpuVerdict& verdict, double gain, double price, bool priced) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << "Deriving is "
       << verdict.share_of_derivation.value * 100
       << " % of what a request takes of a processor: with " << verdict.device << " a server bears "
       << std::setprecision(2) << gain << " times as much";
  if (priced) text << " and costs " << price << " times as much";
  text << ". ";
  if (verdict.pays_from_ams_per_second) {
    text << (priced ? "It pays" : "It saves servers") << " from " << std::setprecision(0)
         << verdict.pays_from_ams_per_second->value << " AMSs a second on.";
  } else {
    text << "It does not pay, save perhaps where a load is just too much for whole servers.";
  }
  if (!priced) {
    text << " No prices were given: it pays nowhere if it adds " << std::setprecision(1)
         << (gain - 1) * 100 << " % or more to what a server costs.";
  }
  return text.str();
}

}  // namespace

GpuVerdict judge_gpu(const Network& network, const Machine& machine, const Device& device,
                     const CaseLoad& load) {
  const MethodCosts& costs = machine.methods.at(network.method);
  const Figure& per_request = load.wave ? load.wave->ams_per_request : load.ams_per_request;
  const double ams = per_request.value;
  const double beside = costs.request.curve.at(ams);
  const double derivation = machine.derivation.curve.at(ams);
  const double processors = machine.processors.value;
  const double allowed = network.objective.utilisation_at_most.value;
  const Origins without = machine.origins(network.method) | per_request.origins |
                          network.objective.utilisation_at_most.origins;
  const Origins with = without | device.derivation.origins;

  const double bears = allowed * processors * ams / (beside + derivation);
  // The device itself bears what it derives in batches as large as the scheduler makes them.
  const Station station;
  const double batch =
      device.derivation.curve.inverse(station.batch_seconds_most, station.batch_ams_most);
  const double device_bears = allowed * batch / device.derivation.curve.at(batch);
  const double bears_with =
      beside > 0 ? std::min(allowed * processors * ams / beside, device_bears) : device_bears;
  const double gain = bears_with / bears;
  const bool priced = network.prices && network.prices->gpu && network.prices->server.value > 0;
  const double price = priced ? 1 + network.prices->gpu->value / network.prices->server.value : 1;

  GpuVerdict verdict;
  verdict.device = device.name;
  verdict.modelled = device.modelled();
  verdict.load = load.name;
  verdict.ams_per_second_without = {bears, without};
  verdict.ams_per_second_with = {bears_with, with};
  verdict.share_of_derivation = {derivation / (beside + derivation), without};
  if (const auto from = faster_from(device.derivation.curve, machine.derivation.curve)) {
    verdict.faster_from_ams = Figure{*from, device.derivation.origins | machine.derivation.origins};
  }
  if (const auto servers = pays_from(gain, price)) {
    Origins origins = with;
    if (priced) origins = origins | network.prices->server.origins | network.prices->gpu->origins;
    verdict.pays_from_ams_per_second = Figure{*servers * bears, origins};
  }
  verdict.statement = statement(verdict, gain, price, priced);
  return verdict;
}

}  // namespace rekey::bench::plan
