// SPDX-License-Identifier: Apache-2.0
#include "overload/overload_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <iostream>
#include <memory>
#include <string>

#include "overload/overload_report.h"
#include "overload/overload_run.h"
#include "rekeyd_option.h"
#include "report_options.h"

namespace rekey::bench {
namespace {

using namespace overload;

struct Options {
  ReportOptions report{{}, 2};
  RekeydOption rekeyd;
  unsigned rounds = 3;
  std::string verify = "all";
};

int run(const Options& options) {
  OverloadReport report;
  report.machine = this_machine();
  report.plan.rekeyd = options.rekeyd.path();
  report.plan.cores = Cores::choose();
  report.plan.rounds = options.rounds;
  report.plan.verify = options.verify;
  report.plan.slice = std::chrono::milliseconds(std::llround(options.report.seconds * 1e3));
  const auto progress = [&](const char* what) {
    return [&, what](unsigned rounds) {
      if (isatty(STDERR_FILENO) == 0) return;
      std::cerr << "\r\033[K" << what << ": " << rounds << " of " << report.plan.rounds << " rounds"
                << (rounds == report.plan.rounds ? "\r\033[K" : "") << std::flush;
    };
  };
  const char* part = getenv("PART");
  Status status;
  if (!part || *part == 0x6f)
    status = run_overload(report.plan, progress("overload"), &report.overload);
  if (status.ok() && (!part || *part == 0x66))
    status = run_flood(report.plan, progress("flood"), &report.flood);
  if (!status.ok()) {
    std::cerr << "rekey-bench overload: " << status.message() << '\n';
    return 1;
  }
  options.report.print(report);
  return 0;
}

}  // namespace

void add_overload_command(CLI::App* app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "overload",
      "Starts rekeyd, finds its capacity in closed loop, offers twice that in open loop, and "
      "prints "
      "what became of it: how much was answered, how long that and the refusals took, what memory "
      "grew by, and when a light load took as long as before. Then, under mutual TLS, what a "
      "caller that floods does to the p99 of another.");
  options->report.add_to(command, "Length of each load in a round");
  command->add_option("--rounds", options->rounds, "How often")
      ->check(CLI::Range(1U, 1'000U))
      ->capture_default_str();
  command->add_option("--verify", options->verify, "rekeyd's --verify")
      ->check(CLI::IsMember({"off", "sampled", "all"}))
      ->capture_default_str();
  options->rekeyd.add_to(command);
  command->callback([options, exit_code] { *exit_code = run(*options); });
}

}  // namespace rekey::bench
