// SPDX-License-Identifier: Apache-2.0
#include "service/echo_command.h"

#include <unistd.h>

#include <iostream>
#include <memory>

#include "service/echo_server.h"

namespace rekey::bench {
namespace {

int run(const EchoOptions& options) {
  std::unique_ptr<EchoServer> server;
  if (const Status s = EchoServer::start(options, &server); !s.ok()) {
    std::cerr << "rekey-bench echo-server: " << s.message() << '\n';
    return 1;
  }
  std::cerr << "listening on " << server->address() << ";\n" << std::flush;
  for (;;) pause();
}

}  // namespace

void add_echo_command(CLI::App* app, int* exit_code) {
  auto options = std::make_shared<EchoOptions>();
  CLI::App* command = app->add_subcommand("echo-server", "Copies octets until it is killed");
  command->group("");
  command->add_flag("--arena", options->arena, "Messages of unary calls lie on arenas");
  command->add_option("--tls-cert", options->tls.cert, "The server's certificate, in PEM");
  command->add_option("--tls-key", options->tls.key, "Its private key, in PEM");
  command->add_option("--tls-ca", options->tls.ca, "Who vouches for clients, in PEM");
  command->callback([options, exit_code] { *exit_code = run(*options); });
}

}  // namespace rekey::bench
