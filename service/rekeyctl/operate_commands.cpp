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

struct PinFlags {
  ServerFlags server;
  std::string engine;
};

/// Runs what takes nothing but a server.
template <typename Call>
ExitCode run_on_server(const ServerFlags& flags, const Call& call) {
  if (Status s = flags.check(); !s.ok()) return fail(kExitUsage, s.message());
  std::unique_ptr<Client> client;
  if (Status s = Client::open(flags, &client); !s.ok()) return fail(kExitFailure, s.message());
  if (Status s = call(*client); !s.ok()) return fail_call(s);
  return kExitOk;
}

}  // namespace

Command add_drain_command(CLI::App& program) {
  const auto flags = std::make_shared<ServerFlags>();
  CLI::App* command = program.add_subcommand(
      "drain", "Have a server answer what it has accepted, refuse what is new, and end");
  flags->add_to(*command);
  command->footer("Example:\n  rekeyctl drain --server 127.0.0.1:7316");
  return {command,
          [flags] { return run_on_server(*flags, [](Client& client) { return client.drain(); }); }};
}

Command add_pin_command(CLI::App& program) {
  const auto flags = std::make_shared<PinFlags>();
  CLI::App* command =
      program.add_subcommand("pin", "Choose the engine that derives on a server from now on");
  command->add_option("engine", flags->engine, "auto, or the name of an engine that serves")
      ->required();
  flags->server.add_to(*command);
  command->footer("Example:\n  rekeyctl pin openssl");
  return {command, [flags] {
            return run_on_server(flags->server,
                                 [&](Client& client) { return client.pin_engine(flags->engine); });
          }};
}

}  // namespace rekey::ctl
