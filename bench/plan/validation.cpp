// SPDX-License-Identifier: Apache-2.0
#include "plan/validation.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "json_fields.h"
#include "load/arrivals.h"
#include "plan/plan_tables.h"
#include "plan/trial.h"

namespace rekey::bench::plan {
namespace {

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

constexpr double kRequestsSimulated = 100'000;

const Machine* machine_of(const JsonValue& load, const Machines& machines) {
  const std::string cpu = load.at("machine").at("cpu").text();
  for (const Machine& machine : machines.machines) {
    if (machine.cpu == cpu) return &machine;
  }
  load.at("machine").at("cpu").wrong("a machine among the profiles");
}

bool same_load(const Validation& one, const Validation& other) {
  constexpr double kAbout = 1.1;
  return one.scenario == other.scenario &&
         one.requests_per_second < other.requests_per_second * kAbout &&
         other.requests_per_second < one.requests_per_second * kAbout;
}

double median_of(const std::vector<Validation>& runs, double Validation::*value) {
  std::vector<double> values;
  values.reserve(runs.size());
  for (const Validation& run : runs) values.push_back(run.*value);
  return median(std::move(values));
}

/// Several runs of one load as one.
Validation middle(const std::vector<Validation>& runs) {
  Validation all = runs.front();
  all.runs = static_cast<unsigned>(runs.size());
  for (double Validation::*value :
       {&Validation::requests_per_second, &Validation::utilisation, &Validation::measured_p50,
        &Validation::measured_p99, &Validation::simulated_p50, &Validation::simulated_p99}) {
    all.*value = median_of(runs, value);
  }
  const auto [least, most] = std::ranges::minmax(runs, {}, &Validation::measured_p99);
  all.measured_p99_least = least.measured_p99;
  all.measured_p99_most = most.measured_p99;
  return all;
}

}  // namespace

Latency simulate_load(const load::Scenario& scenario, double speed, double requests,
                      const Machine& machine) {
  Station station = machine.station(scenario.method);
  station.processors = machine.measured_processors;
  const double warm_up = seconds(scenario.warm_up);
  load::Schedule schedule(scenario.arrivals, speed, scenario.seed);
  wave::Random random(scenario.seed + 1);
  std::vector<Arrival> arrivals;
  std::vector<bool> counted;
  const double until = warm_up + requests / (load::mean_per_second(scenario.arrivals) * speed);
  while (const auto due = schedule.next()) {
    if (seconds(*due) >= until) break;
    arrivals.push_back(
        {seconds(*due), static_cast<double>(scenario.ams_per_request.draw(&random))});
    counted.push_back(seconds(*due) >= warm_up);
  }
  return latency_of(simulate(station, arrivals), station,
                    machine.methods.at(scenario.method).beside.curve, counted, &random);
}

Status validate(const MeasuredLoad& measured, const load::Scenario& scenario,
                const Machine& machine, Validation* out_validation) {
  try {
    const JsonValue load(measured.load, measured.file, "");
    const JsonValue of = load.at("scenario");
    if (of.at("name").text() != scenario.name) of.at("name").wrong(scenario.name);
    if (of.at("loop").text() != "open") of.at("loop").wrong("open");
    if (!machine.methods.contains(scenario.method)) {
      of.at("method").wrong("a method that the machine was measured with");
    }
    const double speed = of.at("speed").number(1e-6, 1e9);
    // More than there were: what is compared is the model, not one draw from it.
    const double requests =
        std::max(load.at("requests").at("due").number(1, 1e12), kRequestsSimulated);
    const Latency latency = simulate_load(scenario, speed, requests, machine);
    const JsonValue found = load.at("latency_seconds");
    *out_validation = {measured.file,
                       scenario.name,
                       1,
                       load.at("requests_per_second").at("due").number(0, 1e12),
                       latency.utilisation,
                       found.at("p50").number(1e-12, 1e9),
                       found.at("p99").number(1e-12, 1e9),
                       0,
                       0,
                       latency.p50,
                       latency.p99};
  } catch (const JsonWrong& wrong) {
    return Status::invalid_argument(wrong.message);
  }
  return {};
}

Status validate_all(const std::vector<MeasuredLoad>& loads, const Machines& machines,
                    std::vector<Validation>* out_validations) {
  std::vector<Validation> all;
  for (const MeasuredLoad& one : loads) {
    load::Scenario scenario;
    if (Status s = load::parse_scenario(one.scenario_yaml, one.file + ": scenario", &scenario);
        !s.ok()) {
      return s;
    }
    const Machine* machine = nullptr;
    try {
      machine = machine_of(JsonValue(one.load, one.file, ""), machines);
    } catch (const JsonWrong& wrong) {
      return Status::invalid_argument(wrong.message);
    }
    Validation validation;
    if (Status s = validate(one, scenario, *machine, &validation); !s.ok()) return s;
    all.push_back(std::move(validation));
  }
  while (!all.empty()) {
    const auto others = std::stable_partition(
        all.begin(), all.end(), [&](const Validation& one) { return same_load(one, all.front()); });
    out_validations->push_back(middle({all.begin(), others}));
    all.erase(all.begin(), others);
  }
  return {};
}

std::string to_text(const std::vector<Validation>& validations) {
  return to_text(validation_table(validations));
}

Json to_json(const std::vector<Validation>& validations) {
  Json json = Json::array();
  for (const Validation& one : validations) {
    json.push_back({{"file", one.file},
                    {"scenario", one.scenario},
                    {"runs", one.runs},
                    {"requests_per_second", one.requests_per_second},
                    {"utilisation", one.utilisation},
                    {"measured_seconds",
                     {{"p50", one.measured_p50},
                      {"p99", one.measured_p99},
                      {"p99_least", one.measured_p99_least},
                      {"p99_most", one.measured_p99_most}}},
                    {"simulated_seconds", {{"p50", one.simulated_p50}, {"p99", one.simulated_p99}}},
                    {"error", {{"p50", one.p50_error()}, {"p99", one.p99_error()}}}});
  }
  return json;
}

}  // namespace rekey::bench::plan
