// SPDX-License-Identifier: Apache-2.0
//
// HOST:PORT as users write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rekey/status.h"

namespace rekey::rekeyd {

/// ListenAddress is where the server listens.
struct ListenAddress {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;

  /// parse reads `HOST:PORT`, an IPv6 address in brackets. kInvalidArgument otherwise.
  static Status parse(std::string_view text, ListenAddress* out_address);

  /// is_loopback says whether nobody outside this machine can reach the address: `localhost`,
  /// 127.0.0.0/8 and ::1. Another name is not looked up, and counts as reachable.
  [[nodiscard]] bool is_loopback() const;

  /// to_string is the inverse of parse().
  [[nodiscard]] std::string to_string() const;
};

}  // namespace rekey::rekeyd
