// SPDX-License-Identifier: Apache-2.0
//
// HOST:PORT as users write it, and whether it is this machine. The one place that decides that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rekey/status.h"

namespace rekey::net {

/// HostPort is where a server listens or is to be found.
struct HostPort {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;

  /// parse reads `HOST:PORT`, an IPv6 address in brackets. kInvalidArgument otherwise.
  static Status parse(std::string_view text, HostPort* out_host_port);

  /// is_loopback says whether nobody outside this machine can reach the address: `localhost`,
  /// 127.0.0.0/8 and ::1. Another name is not looked up, and counts as reachable.
  [[nodiscard]] bool is_loopback() const;

  /// to_string is the inverse of parse().
  [[nodiscard]] std::string to_string() const;
};

}  // namespace rekey::net
