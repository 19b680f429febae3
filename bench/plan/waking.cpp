// SPDX-License-Identifier: Apache-2.0
#include "plan/waking.h"

#include <algorithm>
#include <map>
#include <utility>

#include "plan/validation.h"

namespace rekey::bench::plan {
namespace {

constexpr double kFitRequests = 20'000;  ///< simulated for one step of a search
constexpr double kFitStep = 1e-6;        ///< seconds to which waking is found

/// What waking takes after the rest of `load`; that of shorter rests is in `points`.
double waking_after(const RestedLoad& load, const std::vector<CurvePoint>& points,
                    Machine machine) {
  Curve& waking = machine.methods.at(load.scenario.method).waking.curve;
  double low = 0;
  double high = load.p99_seconds;
  while (high - low > kFitStep) {
    const double middle = (low + high) / 2;
    std::vector<CurvePoint> tried = points;
    tried.push_back({load.rest_seconds, middle});
    waking = Curve(std::move(tried));
    const double p99 = simulate_load(load.scenario, load.speed, kFitRequests, machine).p99;
    (p99 < load.p99_seconds ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

RestedLoad read_rested_load(const JsonValue& value) {
  RestedLoad rested;
  rested.rest_seconds = value.at("rest_seconds").number(1e-6, 1e6);
  const JsonValue yaml = value.at("scenario");
  const Status parsed =
      load::parse_scenario(yaml.text(), yaml.file() + ": " + yaml.path(), &rested.scenario);
  if (!parsed.ok()) throw JsonWrong{parsed.message()};
  const JsonValue load = value.at("load");
  const JsonValue of = load.at("scenario");
  if (of.at("loop").text() != "open") of.at("loop").wrong("open");
  if (of.at("name").text() != rested.scenario.name) of.at("name").wrong(rested.scenario.name);
  rested.speed = of.at("speed").number(1e-6, 1e9);
  rested.p99_seconds = load.at("latency_seconds").at("p99").number(1e-9, 1e9);
  rested.source = "p99 of rekey-bench load, " + rested.scenario.name + " (" + value.file() + ")";
  return rested;
}

void fit_waking(const std::vector<RestedLoad>& loads, load::Method method, Machine* machine) {
  std::map<double, std::vector<const RestedLoad*>> by_rest;
  for (const RestedLoad& load : loads) {
    if (load.scenario.method == method) by_rest[load.rest_seconds].push_back(&load);
  }
  Costs& waking = machine->methods.at(method).waking;
  std::vector<CurvePoint> points = waking.curve.points();
  for (auto& [rest, runs] : by_rest) {
    std::ranges::sort(runs, {}, &RestedLoad::p99_seconds);
    const RestedLoad& middle = *runs[runs.size() / 2];
    points.push_back({rest, waking_after(middle, points, *machine)});
    waking.source += "; " + middle.source;
  }
  waking.curve = Curve(std::move(points));
}

}  // namespace rekey::bench::plan
