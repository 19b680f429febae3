// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "rekeyctl/commands.h"
#include "rekeyctl/console.h"

namespace rekey::ctl {
namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  rekeyctl wave --scenario abs-outage --out wave.csv\n"
    "  rekeyctl derive --in wave.csv --out keys.jsonl --verify --summary\n"
    "  rekeyctl derive --local --in wave.csv --out keys.csv\n"
    "  rekeyctl selftest --local\n"
    "\n"
    "Exit codes: 0 good; 1 failure; 2 wrong usage; 3 AMSs failed or lines were passed over;\n"
    "4 a key did not verify; 5 the server cannot be reached.\n"
    "\n"
    "The 16m profiles are our reading of their sources, not checked against the standard.";

/// Names the flags that were not expected, but no values: one may be a key.
std::string unexpected_flags(const CLI::App& program) {
  std::string names;
  for (const std::string& argument : program.remaining(true)) {
    if (!argument.starts_with('-') || argument == "-") continue;
    names += (names.empty() ? "" : ", ") + argument.substr(0, argument.find('='));
  }
  return names.empty() ? "an argument was not expected" : "not expected: " + names;
}

ExitCode run(int argc, char** argv) {
  CLI::App program("Derives handover keys, through a rekeyd server or in this process.",
                   "rekeyctl");
  program.set_version_flag("--version", "rekeyctl " REKEY_VERSION);
  program.footer(kFooter);
  program.require_subcommand(1);
  const std::vector<Command> commands = {
      add_derive_command(program),       add_wave_command(program),
      add_vectors_command(program),      add_health_command(program),
      add_capabilities_command(program), add_selftest_command(program),
      add_top_command(program),          add_pin_command(program),
      add_drain_command(program),        add_contexts_command(program),
  };
  const std::string hint = " (see rekeyctl --help)";
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    return program.exit(help_or_version) == 0 ? kExitOk : kExitFailure;
  } catch (const CLI::ExtrasError&) {
    return fail(kExitUsage, unexpected_flags(program) + hint);
  } catch (const CLI::ParseError& error) {
    if (program.get_subcommands().empty()) {
      return fail(
          kExitUsage,
          "expected derive, wave, vectors, health, capabilities, selftest, top, pin, drain or "
          "contexts" +
              hint);
    }
    return fail(kExitUsage, error.what() + hint);
  }
  for (const Command& command : commands) {
    if (command.flags->parsed()) return command.run();
  }
  return kExitUsage;
}

}  // namespace
}  // namespace rekey::ctl

int main(int argc, char** argv) {
  // A closed pipe is an error to report, not a reason to die.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return rekey::ctl::run(argc, argv);
  } catch (const std::exception& error) {
    return rekey::ctl::fail(rekey::ctl::kExitFailure, error.what());
  }
}
