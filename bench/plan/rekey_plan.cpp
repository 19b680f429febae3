// SPDX-License-Identifier: Apache-2.0
//
// rekey-plan: how many servers and GPUs a network needs. Exit codes: 0 planned; 1 a measurement
// failed, or a file could not be written; 2 a wrong command line or input.
#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "json_file.h"
#include "plan/measure.h"
#include "plan/plan_report.h"
#include "shipped_file.h"

namespace {

using namespace rekey;
using namespace rekey::bench;
using namespace rekey::bench::plan;

constexpr int kFailure = 1;
constexpr int kUsageError = 2;

struct Options {
  std::string network;
  std::vector<std::string> machines;
  std::vector<std::string> loads;
  std::vector<std::string> scenarios;
  std::string json;
  std::string html;
  std::string folder = "plan";
  std::uint64_t seed = 1;
  MeasureOptions measure;
};

int exit_code_of(const Status& status) {
  if (status.ok()) return 0;
  std::cerr << "rekey-plan: " << status.message() << '\n';
  return status.code() == Code::kInvalidArgument ? kUsageError : kFailure;
}

Status write_json(const std::string& path, const Json& json) {
  std::ofstream file(path);
  file << json.dump(2) << '\n';
  file.close();
  if (!file) return {Code::kUnavailable, path + ": cannot be written"};
  return {};
}

Status read_results(const std::vector<std::string>& files, std::vector<Result>* out_results) {
  for (const std::string& file : files) {
    Result result{file, {}};
    if (Status s = read_json(file, &result.json); !s.ok()) return s;
    out_results->push_back(std::move(result));
  }
  return {};
}

std::vector<MeasuredLoad> validations_in(const std::vector<Result>& results) {
  std::vector<MeasuredLoad> loads;
  for (const Result& result : results) {
    for (MeasuredLoad& load : validation_of(result)) loads.push_back(std::move(load));
  }
  return loads;
}

/// Plans and writes what is asked for.
Status plan_with(const Network& network, const std::vector<Result>& results,
                 const Options& options) {
  Machines machines;
  if (Status s = make_machines(results, network.profile, &machines); !s.ok()) return s;
  PlanReport report;
  if (Status s = make_plan(network, machines, options.seed, &report.plan); !s.ok()) return s;
  if (Status s = validate_all(validations_in(results), machines, &report.validations); !s.ok()) {
    return s;
  }
  std::cout << to_text(report);
  if (!options.json.empty()) {
    if (Status s = write_json(options.json, to_json(report)); !s.ok()) return s;
  }
  return options.html.empty() ? Status() : to_page(report).write(options.html);
}

Status run_network(const Options& options) {
  Network network;
  if (Status s = read_network(shipped_file("networks", options.network), &network); !s.ok())
    return s;
  std::vector<Result> results;
  if (Status s = read_results(options.machines, &results); !s.ok()) return s;
  return plan_with(network, results, options);
}

Status run_measure(Options options) {
  Network network;
  if (Status s = read_network(shipped_file("networks", options.network), &network); !s.ok())
    return s;
  std::vector<Result> results;
  if (Status s = read_results(options.machines, &results); !s.ok()) return s;
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) return {Code::kUnavailable, options.folder + ": " + error.message()};
  if (options.measure.programs.empty()) {
    options.measure.programs =
        std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
  }
  Result measured;
  if (Status s = measure_machine(network, options.measure, &measured); !s.ok()) return s;
  const auto in_folder = [&](const char* name) { return options.folder + "/" + name; };
  measured.file = in_folder("machine.json");
  if (Status s = write_json(measured.file, measured.json); !s.ok()) return s;
  results.push_back(std::move(measured));
  options.json = in_folder("plan.json");
  options.html = in_folder("plan.html");
  if (Status s = plan_with(network, results, options); !s.ok()) return s;
  std::cerr << "written: " << results.back().file << ", " << options.json << ", " << options.html
            << '\n';
  return {};
}

/// Pairs load results with their scenarios, by name.
Status pair_up(const Options& options, std::vector<MeasuredLoad>* out_loads) {
  std::map<std::string, std::string> yaml_by_name;
  for (const std::string& path : options.scenarios) {
    load::Scenario scenario;
    if (Status s = load::read_scenario(path, &scenario); !s.ok()) return s;
    std::ifstream file(path);
    yaml_by_name[scenario.name] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  std::vector<Result> results;
  if (Status s = read_results(options.loads, &results); !s.ok()) return s;
  for (const Result& result : results) {
    const std::string name = result.json.value(Json::json_pointer("/scenario/name"), std::string());
    const auto yaml = yaml_by_name.find(name);
    if (yaml == yaml_by_name.end()) {
      return Status::invalid_argument(result.file + ": scenario.name: expected one of the " +
                                      "scenarios given, found \"" + name + "\"");
    }
    out_loads->push_back({result.file, yaml->second, result.json});
  }
  return {};
}

Status run_validate(const Options& options) {
  std::vector<Result> results;
  if (Status s = read_results(options.machines, &results); !s.ok()) return s;
  std::vector<MeasuredLoad> loads = validations_in(results);
  if (Status s = pair_up(options, &loads); !s.ok()) return s;
  Machines machines;
  if (Status s = make_machines(results, kAllProfiles.front(), &machines); !s.ok()) return s;
  std::vector<Validation> validations;
  if (Status s = validate_all(loads, machines, &validations); !s.ok()) return s;
  if (validations.empty()) {
    return Status::invalid_argument("--load: expected a load to compare, found none");
  }
  std::cout << to_text(validations);
  return options.json.empty() ? Status() : write_json(options.json, to_json(validations));
}

void add_machines(CLI::App* command, Options* options) {
  command
      ->add_option("--machine", options->machines,
                   "Results of rekey-plan measure, rekey-bench engines --sweep, rekey-bench load, "
                   "rekey-bench gpu or gpu_model.py, as JSON")
      ->type_name("FILE");
}

int run(int argc, char** argv) {
  CLI::App app{"Says how many servers and GPUs a network needs, from machines that were measured."};
  app.name("rekey-plan");
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 planned; 1 a measurement failed or a file could not be written; 2 a wrong "
      "command line or input.");
  Options options;
  const auto add_network = [&](CLI::App* command) {
    command
        ->add_option("network", options.network,
                     "The network: a YAML file, or the name of one that is shipped")
        ->required()
        ->type_name("FILE");
    command->add_option("--seed", options.seed, "Of everything that is drawn")
        ->capture_default_str();
    add_machines(command, &options);
  };

  CLI::App* network = app.add_subcommand("network", "Plans for a network with measured machines.");
  add_network(network);
  network->get_option("--machine")->required();
  network->add_option("--json", options.json, "Write the plan as JSON")->type_name("FILE");
  network->add_option("--html", options.html, "Write the plan as a page")->type_name("FILE");

  CLI::App* measure = app.add_subcommand(
      "measure",
      "Measures this machine, which should have nothing else to do, with a rekeyd started for it, "
      "and plans for a network with it: machine.json, plan.json and plan.html.");
  add_network(measure);
  measure->add_option("--out", options.folder, "Folder for what is written")
      ->type_name("FOLDER")
      ->capture_default_str();
  measure->add_option("--seconds", options.measure.seconds, "Time of each of the runs")
      ->check(CLI::Range(0.05, 600.0))
      ->capture_default_str();
  measure->add_option("--rounds", options.measure.rounds, "Runs of each kind, by turns")
      ->check(CLI::Range(1U, 100U))
      ->capture_default_str();
  measure
      ->add_option("--programs", options.measure.programs,
                   "Folder with rekeyd and rekey-bench; that of rekey-plan unless given")
      ->type_name("FOLDER");

  CLI::App* validate = app.add_subcommand(
      "validate", "Simulates loads that were measured, and shows how far the simulation is off.");
  add_machines(validate, &options);
  validate->get_option("--machine")->required();
  validate->add_option("--load", options.loads, "Results of rekey-bench load in open loop")
      ->type_name("FILE");
  validate->add_option("--scenario", options.scenarios, "Their scenarios, found by name")
      ->type_name("FILE");
  validate->add_option("--json", options.json, "Write the comparison as JSON")->type_name("FILE");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  if (network->parsed()) return exit_code_of(run_network(options));
  if (measure->parsed()) return exit_code_of(run_measure(options));
  return exit_code_of(run_validate(options));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    return exit_code_of(Status(Code::kInternal, error.what()));
  }
}
