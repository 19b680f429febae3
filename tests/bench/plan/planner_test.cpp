// SPDX-License-Identifier: Apache-2.0
//
// Machines from results, plans from machines, and where every number of a plan is from.
#include "plan/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "json_file.h"
#include "plan/gpu_verdict.h"
#include "plan/machine_profile.h"
#include "plan/plan_report.h"
#include "plan/plan_tables.h"
#include "plan/validation.h"

namespace rekey::bench::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kData = REKEY_PLAN_DATA "/";

Result result_of(const std::string& name) {
  Result result{kData + name, {}};
  EXPECT_EQ(read_json(result.file, &result.json), Status());
  return result;
}

Machines machines_of(const std::vector<Result>& results) {
  Machines machines;
  EXPECT_EQ(make_machines(results, Profile::k16mDraft, &machines), Status());
  return machines;
}

Network small_network() {
  Network network;
  EXPECT_EQ(read_network(kData + "network.yaml", &network), Status());
  return network;
}

PlanReport plan_of(const Network& network, const std::vector<Result>& results) {
  PlanReport report;
  const Machines machines = machines_of(results);
  EXPECT_EQ(make_plan(network, machines, 1, &report.plan), Status());
  for (const Result& result : results) {
    EXPECT_EQ(validate_all(validation_of(result), machines, &report.validations), Status());
  }
  return report;
}

/// One plan for all that only look at it.
const PlanReport& whole_plan() {
  static const PlanReport report =
      plan_of(small_network(),
              {result_of("machine.json"), result_of("gpu.json"), result_of("gpu_model.json")});
  return report;
}

TEST(PlanMachine, TellsTheCostsOfARequestApart) {
  const Machine machine = machines_of({result_of("machine.json")}).machines.at(0);
  EXPECT_EQ(machine.name(), "Test CPU, 4 CPUs");
  EXPECT_EQ(machine.measured_processors, 1U);
  const MethodCosts& costs = machine.methods.at(load::Method::kColumns);
  // 40 us of a processor for one AMS, 1.025 us of which are its derivation.
  EXPECT_NEAR(costs.request.curve.at(1), 38.975e-6, 1e-9);
  EXPECT_NEAR(machine.derivation.curve.at(4'096), 103.4e-6, 1e-9);
  // A lone request took 180 us: 40 + 50 * 15 / 255 when busy, and 0.82 of the time a wake-up.
  const double busy = 40e-6 + 50e-6 * 15 / 255;
  EXPECT_NEAR(costs.waking.curve.at(1), (180e-6 - busy) / 0.82, 1e-9);
  EXPECT_NEAR(costs.beside.curve.at(0.5), 250e-6 - busy - costs.waking.curve.at(1), 1e-9);
  EXPECT_EQ(machine.origins(load::Method::kColumns), Origins(Origin::kMeasured) | Origin::kAssumed);
  EXPECT_THAT(machine.warnings, ElementsAre(HasSubstr("a long rest was not measured with columns"),
                                            HasSubstr("on one processor")));
}

TEST(PlanMachine, TakesWhatTheHighestRateLeavesWhereTheServersTimeIsNotKnown) {
  const Result machine = result_of("machine.json");
  std::vector<Result> results = {{"sweep", machine.json.at("engines")}};
  for (const Json& one : machine.json.at("loads")) {
    Json load = one.at("load");
    load["machine"] = machine.json.at("machine");
    results.push_back({"load", std::move(load)});
  }
  const Machine found = machines_of(results).machines.at(0);
  EXPECT_EQ(found.measured_processors, 4U);
  // 20,000 a second on four processors.
  EXPECT_NEAR(found.methods.at(load::Method::kColumns).request.curve.at(1), 198.975e-6, 1e-9);
  EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("a long rest was not measured"),
                                          HasSubstr("a client on the same machine")));

  Json knee = machine.json.at("loads").at(0).at("load");
  knee["benchmark"] = "load-knee";
  knee["machine"] = machine.json.at("machine");
  knee["scenario"]["loop"] = "open";
  const auto point = [](double rate, double p50) {
    return Json{{"answered_per_second", rate},
                {"p50", p50},
                {"p99", 2 * p50},
                {"p99.9", 3 * p50},
                {"max", 4 * p50}};
  };
  knee["curve"] = {point(1'000, 1e-3), point(40'000, 5e-3)};
  const Machine by_knee = machines_of({results[0], {"knee", knee}}).machines.at(0);
  const MethodCosts& costs = by_knee.methods.at(load::Method::kColumns);
  EXPECT_NEAR(costs.request.curve.at(1), 4 / 40'000.0 - 1.025e-6, 1e-9);
  EXPECT_NEAR(costs.beside.curve.at(0.99), 2e-3 - 4 / 40'000.0, 1e-9);
}

/// One request of 16 AMSs at a time, with a rest before each, and what it was waited for.
Json rested_load(double rest_seconds, double p99_seconds) {
  const std::string yaml =
      "name: rest\nsource: made up\nams_per_request: 16\narrivals: {bursts: " +
      Json({{"requests", 1}, {"every_ms", (rest_seconds + p99_seconds) * 1e3}}).dump() + "}\n";
  return {{"rest_seconds", rest_seconds},
          {"scenario", yaml},
          {"load",
           {{"scenario", {{"name", "rest"}, {"loop", "open"}, {"speed", 1}}},
            {"latency_seconds", {{"p99", p99_seconds}}}}}};
}

TEST(PlanMachine, ReadsWhatWakingTakesFromLoadsWithRests) {
  Result result = result_of("machine.json");
  const Machine without = machines_of({result}).machines.at(0);
  // Of three runs the middle one counts.
  for (const auto& [rest, p99] : {std::pair{0.2, 2e-3}, {0.2, 9e-3}, {0.02, 1e-3}, {0.2, 1.5e-3}}) {
    result.json["rests"].push_back(rested_load(rest, p99));
  }
  const Machine machine = machines_of({result}).machines.at(0);
  EXPECT_THAT(machine.warnings, ElementsAre(HasSubstr("on one processor")));
  const Costs& waking = machine.methods.at(load::Method::kColumns).waking;
  ASSERT_EQ(waking.curve.points().size(), 3U);
  // A lone request takes that, what it takes of a busy processor, and what passes beside the
  // server, of which 99 of 100 have no more than this.
  const double other =
      40e-6 + 50e-6 * 15 / 255 + without.methods.at(load::Method::kColumns).beside.curve.at(0.99);
  EXPECT_NEAR(waking.curve.at(0.02), 1e-3 - other, 20e-6);
  EXPECT_NEAR(waking.curve.at(0.2), 2e-3 - other, 20e-6);
  EXPECT_EQ(waking.curve.at(0), without.methods.at(load::Method::kColumns).waking.curve.at(0));
  EXPECT_THAT(waking.source, HasSubstr("p99 of rekey-bench load, rest"));
}

TEST(PlanMachine, NamesTheFileAndTheFieldThatAreWrong) {
  const Result machine = result_of("machine.json");
  const auto complaint_of = [&](const char* pointer, const Json& value) {
    Result wrong = {"m.json", machine.json};
    if (value.is_discarded()) {
      const Json::json_pointer field(pointer);
      wrong.json.at(field.parent_pointer()).erase(field.back());
    } else {
      wrong.json[Json::json_pointer(pointer)] = value;
    }
    Machines machines;
    const Status status = make_machines({wrong}, Profile::k16mDraft, &machines);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    return status.message();
  };
  const Json gone = Json::parse("", nullptr, false);
  EXPECT_EQ(complaint_of("/machine/cpu", gone),
            "m.json: machine.cpu: expected a value, found nothing");
  EXPECT_EQ(complaint_of("/benchmark", "bench"),
            "m.json: benchmark: expected machine, engines-sweep, load, load-knee or gpu, found "
            "\"bench\"");
  EXPECT_THAT(complaint_of("/loads/0/server_cpu_seconds", "much"),
              HasSubstr("loads[0].server_cpu_seconds: expected a number from 0"));
  EXPECT_THAT(complaint_of("/engines/profiles/0/profile", "legacy-16e"),
              HasSubstr("engines.profiles: expected the profile 16m-draft"));
  EXPECT_EQ(complaint_of("/loads", Json::array()),
            "Test CPU, 4 CPUs: expected results of rekey-bench load in closed loop and in open "
            "loop, or of --find-knee, found none of one method");
  const auto rest_complaint = [&](const char* pointer, const Json& value) {
    Json rested = rested_load(0.2, 2e-3);
    rested.at(Json::json_pointer(pointer)) = value;
    return complaint_of("/rests", Json::array({rested}));
  };
  EXPECT_THAT(rest_complaint("/rest_seconds", 0),
              HasSubstr("m.json: rests[0].rest_seconds: expected a number from"));
  EXPECT_THAT(rest_complaint("/scenario", "name: rest\nsource: made up\n"),
              HasSubstr("m.json: rests[0].scenario: arrivals: expected"));
  EXPECT_EQ(rest_complaint("/load/scenario/loop", "closed"),
            "m.json: rests[0].load.scenario.loop: expected open, found \"closed\"");
  EXPECT_EQ(rest_complaint("/load/scenario/name", "other"),
            "m.json: rests[0].load.scenario.name: expected rest, found \"other\"");
  EXPECT_THAT(rest_complaint("/load/latency_seconds/p99", "much"),
              HasSubstr("rests[0].load.latency_seconds.p99: expected a number from"));
  Result gpu = result_of("gpu.json");
  gpu.json["from_device"] = false;
  Machines machines;
  EXPECT_THAT(make_machines({gpu}, Profile::k16mDraft, &machines).message(),
              HasSubstr("from_device: expected true"));
}

TEST(PlanCases, GrowAndFail) {
  const auto cases = cases_of(small_network());
  ASSERT_EQ(cases.size(), 4U);
  EXPECT_NEAR(cases[0].ams_per_second.value, 10'000, 1e-6);  // 400,000 AMSs, 90 an hour each
  EXPECT_EQ(cases[0].ams_per_second.origins, Origin::kGiven);
  EXPECT_EQ(cases[1].wave->ams.value, 8'000);
  EXPECT_NEAR(cases[2].ams_per_second.value, 22'500, 1e-6);
  EXPECT_EQ(cases[2].ams_per_second.origins, Origins(Origin::kGiven) | Origin::kAssumed);
  EXPECT_EQ(cases[3].wave->ams.value, 18'000);
}

TEST(PlanServers, KeepTheUtilisationThatIsAllowedAndSpareThoseLost) {
  Network network = small_network();
  network.failures.clear();
  const auto servers = [&] {
    return plan_of(network, {result_of("machine.json")}).plan.machines.at(0);
  };
  // Normal: 10,000 requests of 40 us on four processors are 0.1 of one server.
  const MachinePlan one = servers();
  EXPECT_EQ(one.cases.at(0).servers->value, 1);
  EXPECT_NEAR(one.cases.at(0).utilisation.value, 0.1, 1e-9);
  EXPECT_EQ(one.cases.at(0).servers_with_spare->value, 3);
  network.objective.utilisation_at_most.value = 0.03;  // 3.33 servers, and 7.5 after growth
  const MachinePlan four = servers();
  EXPECT_EQ(four.cases.at(0).servers->value, 4);
  EXPECT_EQ(four.cases.at(0).servers_with_spare->value, 6);
  EXPECT_EQ(four.cases.at(1).servers->value, 8);
  EXPECT_EQ(four.servers->value, 10);
  EXPECT_EQ(four.price->value, 10'000);
  EXPECT_EQ(four.watts->value, 4'000);
  EXPECT_NEAR(four.cases.at(1).headroom.value, 0.96 / 0.9, 0.03);
}

TEST(PlanServers, BearTheWaveOfAFailure) {
  Network network = small_network();
  network.growth_a_year.value = 0;
  network.failures[0].window_seconds.value = 1e-3;
  network.failures[0].cells.value = 100;  // 25,000 requests of 43 us at once
  const CasePlan failed = plan_of(network, {result_of("machine.json")}).plan.machines[0].cases[1];
  // 25,000 * 42.9 us of work: 27 ms of it fit into 4 processors of 10 servers.
  EXPECT_GE(failed.servers->value, 10);
  EXPECT_LE(failed.servers->value, 11);
  EXPECT_LE(failed.p99_seconds.value, 27.5e-3);
  EXPECT_GE(failed.in_server_seconds.value, failed.bound_seconds.value);
  EXPECT_NEAR(failed.in_server_seconds.value, failed.bound_seconds.value,
              0.1 * failed.bound_seconds.value);
  EXPECT_GE(failed.headroom.value, 1);
}

TEST(PlanServers, NoNumberKeepsWhatALoneRequestDoesNot) {
  Network network = small_network();
  network.objective.p99_seconds.value = 100e-6;
  const PlanReport report = plan_of(network, {result_of("machine.json")});
  EXPECT_FALSE(report.plan.machines[0].servers);
  EXPECT_THAT(to_text(report), HasSubstr("No number of servers of Test CPU"));
  EXPECT_TRUE(to_json(report).at("machines").at(0).at("servers").is_null());
}

TEST(PlanServers, AreFoundWhereALoneRequestWakesOneTooSlowly) {
  Network network = small_network();
  network.failures.clear();
  network.growth_a_year.value = 0;
  network.objective.p99_seconds.value = 1e-3;
  Machines machines = machines_of({result_of("machine.json")});
  machines.machines[0].methods.at(load::Method::kColumns).waking.curve =
      Curve({{1e-3, 100e-6}, {1, 5e-3}});
  Plan plan;
  ASSERT_EQ(make_plan(network, machines, 1, &plan), Status());
  EXPECT_EQ(plan.machines[0].cases.at(0).servers->value, 1);
}

TEST(PlanServers, NeedAMachineMeasuredWithTheirMethod) {
  Network network = small_network();
  network.method = load::Method::kStream;
  Plan plan;
  EXPECT_THAT(make_plan(network, machines_of({result_of("machine.json")}), 1, &plan).message(),
              HasSubstr("expected results of the network's method, stream"));
}

TEST(PlanSensitivity, MovesAsTheInputDoes) {
  const MachinePlan& plan = whole_plan().plan.machines.at(0);
  const auto of = [&](const std::string& input) {
    return *std::ranges::find(plan.sensitivities, input, &Sensitivity::input);
  };
  EXPECT_GT(of("ams_per_cell").lower.headroom.value, of("ams_per_cell").higher.headroom.value);
  const Sensitivity request = of("machine.request_seconds");
  EXPECT_GT(request.lower.headroom.value, request.higher.headroom.value);
  EXPECT_EQ(of("objective.machines_lost").lower.servers->value, plan.servers->value);
  EXPECT_EQ(of("objective.machines_lost").higher.servers->value, plan.servers->value + 1);
}

TEST(PlanGpu, PaysWhereItSavesMoreThanItCosts) {
  Network network = small_network();
  const Machines machines = machines_of({result_of("machine.json"), result_of("gpu.json")});
  const auto verdict = [&](double gpu_price) {
    network.prices->gpu->value = gpu_price;
    return judge_gpu(network, machines.machines[0], machines.devices.at(0), cases_of(network)[0]);
  };
  // Of the 40 us of a request with one AMS 1.025 are its derivation: 2.6 %.
  const GpuVerdict dear = verdict(200);
  EXPECT_EQ(dear.device, "Test GPU");
  EXPECT_FALSE(dear.modelled);
  EXPECT_NEAR(dear.share_of_derivation.value, 0.0256, 1e-4);
  EXPECT_EQ(dear.faster_from_ams->value, 1'951);  // 1 us + 25 ns an AMS against 40 us + 5 ns
  EXPECT_FALSE(dear.pays_from_ams_per_second);
  EXPECT_THAT(dear.statement, HasSubstr("It does not pay"));
  const GpuVerdict cheap = verdict(10);
  ASSERT_TRUE(cheap.pays_from_ams_per_second);
  // With 2.6 % saved and 1 % paid: from where rounding up to whole servers is less than the rest.
  const double servers = cheap.pays_from_ams_per_second->value / cheap.ams_per_second_without.value;
  EXPECT_NEAR(servers, 77, 40);
  const GpuVerdict wave =
      judge_gpu(network, machines.machines[0], machines.devices[0], cases_of(network)[1]);
  EXPECT_GT(wave.ams_per_second_without.value, cheap.ams_per_second_without.value);
}

/// Calls `look` with every figure in a plan's JSON: every object with "value" and "from".
void each_figure(const Json& json, const std::string& path,
                 const std::function<void(const std::string&, const Json&)>& look) {
  if (json.is_object() && json.contains("value")) look(path, json);
  if (!json.is_structured()) return;
  for (const auto& [name, value] : json.items()) each_figure(value, path + "/" + name, look);
}

TEST(PlanReport, TracesEveryFigure) {
  const Json json = to_json(whole_plan());
  int figures = 0;
  each_figure(json, "", [&](const std::string& path, const Json& figure) {
    ++figures;
    EXPECT_FALSE(figure.at("from").empty()) << path;
    EXPECT_TRUE(figure.at("value").is_number()) << path;
  });
  EXPECT_GT(figures, 100);
  for (const Json& input : json.at("inputs")) {
    EXPECT_FALSE(input.at("source").get<std::string>().empty()) << input;
  }
  const Json& normal = json.at("machines").at(0).at("cases").at(0);
  EXPECT_EQ(normal.at("servers").at("from"), Json({"measured", "given", "assumed"}));
  EXPECT_EQ(normal.at("ams_per_second").at("from"), Json({"given"}));
}

TEST(PlanReport, MarksAModelledGpuEverywhere) {
  const PlanReport& report = whole_plan();
  Json gpus = to_json(report).at("machines").at(0).at("gpus");
  ASSERT_EQ(gpus.size(), 4U);  // the model of the network's profile alone
  EXPECT_EQ(gpus.at(0).at("modelled"), false);
  gpus.erase(gpus.begin(), gpus.begin() + 2);
  for (const Json& gpu : gpus) {
    EXPECT_EQ(gpu.at("modelled"), true);
    EXPECT_THAT(gpu.at("device").get<std::string>(), HasSubstr("modelled"));
    EXPECT_THAT(gpu.at("statement").get<std::string>(), HasSubstr("H100 (modelled)"));
    EXPECT_EQ(gpu.at("ams_per_second_with").at("from").back(), "modelled");
    EXPECT_EQ(gpu.at("faster_from_ams").at("from").back(), "modelled");
  }
  // In text and on the page the name is never without the mark.
  for (const std::string& output : {to_text(report), to_page(report).html()}) {
    std::size_t names = 0;
    for (std::size_t at = output.find("H100"); at != std::string::npos;
         at = output.find("H100", at + 1)) {
      EXPECT_EQ(output.substr(at, 15), "H100 (modelled)");
      ++names;
    }
    EXPECT_GE(names, 2U);
  }
}

TEST(PlanReport, HasAsManyCellsInARowAsColumns) {
  const PlanReport& report = whole_plan();
  const MachinePlan& machine = report.plan.machines[0];
  for (const report::Table& table :
       {input_table(report.plan), cost_table(machine, load::Method::kColumns), case_table(machine),
        sensitivity_table(machine), gpu_table(machine), validation_table(report.validations)}) {
    EXPECT_FALSE(table.rows.empty()) << table.caption;
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size()) << table.caption;
  }
  EXPECT_EQ(number(0.0012346), "0.001235");
  EXPECT_EQ(number(1234567), "1234567");
  EXPECT_EQ(number(2.5), "2.5");
  EXPECT_EQ(number(10), "10");
}

TEST(PlanValidation, SimulatesTheScenarioThatWasMeasured) {
  const Result machine = result_of("machine.json");
  const Machines machines = machines_of({machine});
  std::vector<MeasuredLoad> loads = validation_of(machine);
  ASSERT_EQ(loads.size(), 1U);
  loads.push_back(loads[0]);
  loads[1].load["latency_seconds"]["p99"] = 0.9e-3;
  std::vector<Validation> found;
  ASSERT_EQ(validate_all(loads, machines, &found), Status());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].runs, 2U);
  EXPECT_DOUBLE_EQ(found[0].measured_p99_least, 0.45e-3);
  EXPECT_DOUBLE_EQ(found[0].measured_p99_most, 0.9e-3);
  // Alone a request takes 250 us; at a tenth of what the processor bears not much more.
  EXPECT_GT(found[0].simulated_p50, 200e-6);
  EXPECT_LT(found[0].simulated_p50, 300e-6);
  EXPECT_GT(found[0].simulated_p99, 350e-6);
  EXPECT_LT(found[0].simulated_p99, 450e-6);
  EXPECT_GT(found[0].utilisation, 2'000 * 43e-6);

  loads[0].load["scenario"]["loop"] = "closed";
  EXPECT_THAT(validate_all(loads, machines, &found).message(),
              HasSubstr("scenario.loop: expected open"));
  loads[0].load["machine"]["cpu"] = "other";
  EXPECT_THAT(validate_all(loads, machines, &found).message(),
              HasSubstr("machine.cpu: expected a machine among the profiles"));
}

}  // namespace
}  // namespace rekey::bench::plan
