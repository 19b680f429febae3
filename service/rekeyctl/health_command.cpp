// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "rekeyctl/client.h"
#include "rekeyctl/commands.h"
#include "rekeyctl/console.h"
#include "rekeyctl/server_flags.h"

namespace rekey::ctl {
namespace {

ExitCode run_health(const ServerFlags& flags) {
  if (Status s = flags.check(); !s.ok()) return fail(kExitUsage, s.message());
  std::unique_ptr<Client> client;
  if (Status s = Client::open(flags, &client); !s.ok()) return fail(kExitFailure, s.message());
  bool serving = false;
  std::string word;
  if (Status s = client->health(&serving, &word); !s.ok()) return fail_call(s);
  const ExitCode printed = print(word + "\n");
  return printed == kExitOk && !serving ? kExitFailure : printed;
}

}  // namespace

Command add_health_command(CLI::App& program) {
  const auto flags = std::make_shared<ServerFlags>();
  CLI::App* command = program.add_subcommand(
      "health", "Ask a server whether it serves: exit code 0 yes, 1 no, 5 it cannot be reached");
  flags->add_to(*command);
  command->footer("Example:\n  rekeyctl health --server 127.0.0.1:7316");
  return {command, [flags] { return run_health(*flags); }};
}

}  // namespace rekey::ctl
