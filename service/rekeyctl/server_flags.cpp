// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/server_flags.h"

// CLI/App.hpp declares what these define: a program of this library needs it once.
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "net/host_port.h"

namespace rekey::ctl {

void ServerFlags::add_to(CLI::App& command) {
  command.add_option("--server", server, "HOST:PORT of the server")->capture_default_str();
  command.add_option("--tls-cert", tls.cert,
                     "This client's certificate in PEM. With --tls-key and --tls-ca: TLS 1.3");
  command.add_option("--tls-key", tls.key, "The private key of the certificate, in PEM");
  command.add_option("--tls-ca", tls.ca, "The authorities that vouch for the server, in PEM");
  command.add_option("--server-name", server_name,
                     "The name that the server's certificate must have. Default: HOST of --server");
  command.add_flag("--insecure", insecure,
                   "Let keys cross a network unencrypted, to a server that is not on this machine");
}

void ServerFlags::add_to_with_local(CLI::App& command) {
  add_to(command);
  command.add_flag("--local", local, "Use no server: work in this process")
      ->excludes("--server", "--insecure", "--tls-cert", "--tls-key", "--tls-ca", "--server-name");
}

Status ServerFlags::check() const {
  if (local) return {};
  net::HostPort address;
  if (Status s = net::HostPort::parse(server, &address); !s.ok()) {
    return Status::invalid_argument("--server: " + s.message());
  }
  if (!tls.none()) {
    if (!tls.all()) {
      return Status::invalid_argument(
          "--tls-cert, --tls-key and --tls-ca: expected all three, found " +
          std::string(tls.cert.empty()  ? "no --tls-cert"
                      : tls.key.empty() ? "no --tls-key"
                                        : "no --tls-ca"));
    }
    if (insecure) return Status::invalid_argument("--insecure: expected no --tls-cert beside it");
    return {};
  }
  if (!server_name.empty()) {
    return Status::invalid_argument(
        "--server-name: expected --tls-cert, --tls-key and --tls-ca beside it");
  }
  if (!insecure && !address.is_loopback()) {
    return Status::invalid_argument(
        "--server: " + server +
        " is not on this machine, and keys would cross the network "
        "unencrypted; give --tls-cert, --tls-key and --tls-ca, or add --insecure");
  }
  return {};
}

}  // namespace rekey::ctl
