// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/server_flags.h"

#include <arpa/inet.h>

#include <string_view>

namespace rekey::ctl {
namespace {

/// HOST of HOST:PORT or [HOST]:PORT; empty when there is no port.
std::string host_of(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == address.size()) return {};
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

}  // namespace

bool is_loopback(std::string_view address) {
  const std::string host = host_of(address);
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

void ServerFlags::add_to(CLI::App& command) {
  command.add_option("--server", server, "HOST:PORT of the server")->capture_default_str();
  command.add_flag("--insecure", insecure,
                   "Let keys cross a network unencrypted, to a server that is not on this machine");
}

void ServerFlags::add_to_with_local(CLI::App& command) {
  add_to(command);
  command.add_flag("--local", local, "Use no server: work in this process")
      ->excludes("--server", "--insecure");
}

Status ServerFlags::check() const {
  if (local) return {};
  if (host_of(server).empty()) {
    return Status::invalid_argument("--server: expected HOST:PORT, found " + server);
  }
  if (!insecure && !is_loopback(server)) {
    return Status::invalid_argument("--server: " + server +
                                    " is not on this machine, and keys would cross the network "
                                    "unencrypted; add --insecure to allow that");
  }
  return {};
}

}  // namespace rekey::ctl
