// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "rekeyctl/capabilities.h"
#include "rekeyctl/client.h"
#include "rekeyctl/commands.h"
#include "rekeyctl/console.h"
#include "rekeyctl/server_flags.h"

namespace rekey::ctl {
namespace {

ExitCode run_selftest(const ServerFlags& flags) {
  if (Status s = flags.check(); !s.ok()) return fail(kExitUsage, s.message());
  std::vector<SelfTestResult> results;
  if (flags.local) {
    results = local_self_test();
  } else {
    std::unique_ptr<Client> client;
    if (Status s = Client::open(flags, &client); !s.ok()) return fail(kExitFailure, s.message());
    if (Status s = client->self_test(&results); !s.ok()) return fail_call(s);
  }
  std::string text;
  std::size_t failed = 0;
  for (const SelfTestResult& result : results) {
    char line[160];
    std::snprintf(line, sizeof line, "%-4s  %-8s  %-32s  %s", result.passed ? "good" : "BAD",
                  result.engine.c_str(), result.known_answer.c_str(), result.origin.c_str());
    text += std::string(line) + (result.passed ? "" : ": " + result.message) + "\n";
    failed += result.passed ? 0 : 1;
  }
  text += std::to_string(results.size() - failed) + " of " + std::to_string(results.size()) +
          " known answers are right\n";
  const ExitCode printed = print(text);
  if (printed != kExitOk) return printed;
  if (results.empty()) return fail(kExitFailure, "no known answer was run");
  return failed == 0 ? kExitOk : kExitFailure;
}

}  // namespace

Command add_selftest_command(CLI::App& program) {
  const auto flags = std::make_shared<ServerFlags>();
  CLI::App* command = program.add_subcommand(
      "selftest", "Run the known answers on every engine of a server or of this process");
  flags->add_to_with_local(*command);
  command->footer("Example:\n  rekeyctl selftest --local");
  return {command, [flags] { return run_selftest(*flags); }};
}

}  // namespace rekey::ctl
