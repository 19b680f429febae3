// SPDX-License-Identifier: Apache-2.0
//
// rekey-bench: measures rekeyd. Exit codes: 0 all good; 1 something measured was wrong or failed; 2
// the command line was; 3 there is no GPU to measure.
#include <CLI/CLI.hpp>

#include "contexts/contexts_command.h"
#include "engines/engines_command.h"
#include "gpu/gpu_command.h"
#include "load/load_command.h"
#include "overload/overload_command.h"
#include "report/compare_command.h"
#include "report/report_command.h"
#include "service/echo_command.h"
#include "service/service_command.h"

namespace {

constexpr int kUsageError = 2;

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures rekeyd on the machine it runs on: its engines and its service."};
  app.name("rekey-bench");
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 all good; 1 a wrong key, a refused engine or a failure; 2 a wrong command "
      "line; 3 no GPU to measure.");
  int exit_code = 0;
  rekey::bench::add_engines_command(&app, &exit_code);
  rekey::bench::add_gpu_command(&app, &exit_code);
  rekey::bench::add_load_command(&app, &exit_code);
  rekey::bench::add_compare_command(&app, &exit_code);
  rekey::bench::add_report_command(&app, &exit_code);
  rekey::bench::add_contexts_command(&app, &exit_code);
  rekey::bench::add_overload_command(&app, &exit_code);
  rekey::bench::add_service_command(&app, &exit_code);
  rekey::bench::add_echo_command(&app, &exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  return exit_code;
}
