// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_report.h"

#include <sstream>
#include <utility>

#include "plan/plan_tables.h"

namespace rekey::bench::plan {
namespace {

Json figure_to_json(const Figure& figure) {
  return {{"value", figure.value}, {"from", figure.origins.names()}};
}

Json figure_to_json(const std::optional<Figure>& figure) {
  return figure ? figure_to_json(*figure) : Json();
}

Json costs_to_json(const Costs& costs, const char* x) {
  Json json = {
      {"points", Json::array()}, {"from", costs.origins.names()}, {"source", costs.source}};
  for (const CurvePoint& point : costs.curve.points()) {
    json["points"].push_back({{x, point.x}, {"seconds", point.y}});
  }
  return json;
}

Json machine_costs_to_json(const Machine& machine, load::Method method) {
  const MethodCosts& costs = machine.methods.at(method);
  return {{"request", costs_to_json(costs.request, "ams")},
          {"waking", costs_to_json(costs.waking, "rest_seconds")},
          {"derivation", costs_to_json(machine.derivation, "ams")},
          {"beside", costs_to_json(costs.beside, "share")}};
}

Json case_to_json(const CasePlan& plan) {
  const CaseLoad& load = plan.load;
  Json json = {{"name", load.name},
               {"grown", load.grown},
               {"ams_per_second", figure_to_json(load.ams_per_second)},
               {"ams_per_request", figure_to_json(load.ams_per_request)},
               {"wave", nullptr}};
  if (load.wave) {
    json["wave"] = {{"ams", figure_to_json(load.wave->ams)},
                    {"window_seconds", figure_to_json(load.wave->window_seconds)},
                    {"ams_per_request", figure_to_json(load.wave->ams_per_request)}};
  }
  json["servers"] = figure_to_json(plan.servers);
  json["servers_with_spare"] = figure_to_json(plan.servers_with_spare);
  if (!plan.servers) return json;
  json["p50_seconds"] = figure_to_json(plan.p50_seconds);
  json["p99_seconds"] = figure_to_json(plan.p99_seconds);
  json["utilisation"] = figure_to_json(plan.utilisation);
  json["in_server_seconds"] = figure_to_json(plan.in_server_seconds);
  json["bound_seconds"] = figure_to_json(plan.bound_seconds);
  json["headroom"] = figure_to_json(plan.headroom);
  return json;
}

Json side_to_json(const Sensitivity::Side& side) {
  return {{"servers", figure_to_json(side.servers)}, {"headroom", figure_to_json(side.headroom)}};
}

Json gpu_to_json(const GpuVerdict& verdict) {
  return {{"device", verdict.device},
          {"modelled", verdict.modelled},
          {"requests_as_in", verdict.load},
          {"ams_per_second_without", figure_to_json(verdict.ams_per_second_without)},
          {"ams_per_second_with", figure_to_json(verdict.ams_per_second_with)},
          {"share_of_derivation", figure_to_json(verdict.share_of_derivation)},
          {"faster_from_ams", figure_to_json(verdict.faster_from_ams)},
          {"pays_from_ams_per_second", figure_to_json(verdict.pays_from_ams_per_second)},
          {"statement", verdict.statement}};
}

Json machine_to_json(const MachinePlan& plan, load::Method method) {
  Json json = {{"cpu", plan.machine.cpu},
               {"processors", figure_to_json(plan.machine.processors)},
               {"warnings", plan.machine.warnings},
               {"costs", machine_costs_to_json(plan.machine, method)},
               {"cases", Json::array()},
               {"governing", plan.servers ? Json(plan.governing) : Json()},
               {"servers", figure_to_json(plan.servers)},
               {"price", figure_to_json(plan.price)},
               {"watts", figure_to_json(plan.watts)},
               {"sensitivity", Json::array()},
               {"gpus", Json::array()}};
  for (const CasePlan& one : plan.cases) json["cases"].push_back(case_to_json(one));
  for (const Sensitivity& one : plan.sensitivities) {
    json["sensitivity"].push_back({{"input", one.input},
                                   {"lower", side_to_json(one.lower)},
                                   {"higher", side_to_json(one.higher)}});
  }
  for (const GpuVerdict& one : plan.gpus) json["gpus"].push_back(gpu_to_json(one));
  return json;
}

constexpr char kNoGpu[] =
    "No GPU among the machine profiles: give a result of rekey-bench gpu or of "
    "bench/gpu_model/gpu_model.py.";

}  // namespace

Json to_json(const PlanReport& report) {
  const Plan& plan = report.plan;
  Json json = {{"benchmark", "plan"},
               {"network",
                {{"name", plan.network.name},
                 {"source", plan.network.source},
                 {"method", load::to_string(plan.network.method)},
                 {"profile", to_string(plan.network.profile)}}},
               {"seed", plan.seed},
               {"inputs", Json::array()},
               {"machines", Json::array()},
               {"validation", to_json(report.validations)}};
  Network network = plan.network;
  for (const NamedFigure& input : inputs(&network)) {
    Json one = {{"name", input.name}, {"unit", input.unit}};
    one.update(figure_to_json(*input.figure));
    one["source"] = input.figure->source;
    json["inputs"].push_back(std::move(one));
  }
  for (const MachinePlan& machine : plan.machines) {
    json["machines"].push_back(machine_to_json(machine, plan.network.method));
  }
  return json;
}

std::string to_text(const PlanReport& report) {
  const Plan& plan = report.plan;
  std::ostringstream out;
  out << "network  " << plan.network.name << ": " << plan.network.source << '\n';
  for (const MachinePlan& machine : plan.machines) {
    out << "\nmachine  " << machine.machine.name() << '\n';
    for (const std::string& warning : machine.machine.warnings)
      out << "note     " << warning << '\n';
    out << '\n' << to_text(case_table(machine)) << '\n' << summary(plan, machine) << "\n\n";
    if (!machine.sensitivities.empty()) out << to_text(sensitivity_table(machine)) << '\n';
    if (machine.gpus.empty()) {
      out << kNoGpu << '\n';
    } else {
      out << to_text(gpu_table(machine)) << '\n';
      for (const GpuVerdict& one : machine.gpus) {
        out << one.load << ": " << one.statement << '\n';
      }
    }
    out << '\n' << to_text(cost_table(machine, plan.network.method));
  }
  out << '\n' << to_text(input_table(plan));
  if (!report.validations.empty()) out << '\n' << to_text(report.validations);
  return out.str();
}

report::HtmlReport to_page(const PlanReport& report) {
  const Plan& plan = report.plan;
  report::HtmlReport page("Plan: " + plan.network.name);
  page.paragraph(plan.network.source);
  for (const MachinePlan& machine : plan.machines) {
    page.section("Servers of " + machine.machine.name());
    page.paragraph(summary(plan, machine));
    for (const std::string& warning : machine.machine.warnings) page.notice(warning);
    page.add(case_table(machine));
    report::BarChart servers{"Servers needed, spare included", "case", {"servers"}, {}, {}};
    report::Bars bars{"servers", {}};
    for (const CasePlan& one : machine.cases) {
      if (!one.servers_with_spare) continue;
      servers.categories.push_back(case_name(one.load));
      bars.values.push_back(one.servers_with_spare->value);
    }
    servers.series.push_back(std::move(bars));
    if (!servers.categories.empty()) page.add(servers);

    if (!machine.sensitivities.empty()) {
      page.section("What the plan hangs on");
      const CasePlan& governing = machine.cases[machine.governing];
      page.paragraph(
          "Headroom of the servers that " + case_name(governing.load) +
          " needs, when one input is a fifth lower or higher: below 1 they are too few.");
      report::RangeChart chart{"Headroom, one input varied by a fifth",
                               {"times as many AMSs"},
                               {},
                               governing.headroom.value};
      for (const Sensitivity& one : machine.sensitivities) {
        const double lower = one.lower.headroom.value;
        const double higher = one.higher.headroom.value;
        chart.ranges.push_back({one.input, std::min(lower, higher), std::max(lower, higher)});
      }
      page.add(chart);
      page.add(sensitivity_table(machine));
    }

    page.section("Does a GPU pay?");
    if (machine.gpus.empty()) {
      page.paragraph(kNoGpu);
    } else {
      bool modelled = false;
      for (const GpuVerdict& one : machine.gpus) modelled = modelled || one.modelled;
      if (modelled) page.notice("GPUs marked \"modelled\" were not measured by anybody.");
      for (const GpuVerdict& one : machine.gpus) page.paragraph(one.load + ": " + one.statement);
      page.add(gpu_table(machine));
    }

    page.section("What was measured");
    page.add(cost_table(machine, plan.network.method));
  }
  if (!report.validations.empty()) {
    page.section("How far the model is off");
    page.add(validation_table(report.validations));
  }
  page.section("Inputs");
  page.add(input_table(plan));
  page.attach(to_json(report));
  return page;
}

}  // namespace rekey::bench::plan
