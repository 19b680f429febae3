// SPDX-License-Identifier: Apache-2.0
//
// The flags that say where a command runs: on a server, or in this process.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "rekey/status.h"

namespace rekey::ctl {

/// is_loopback says whether HOST of HOST:PORT is this machine by its name or number alone:
/// `localhost`, 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view address);

/// ServerFlags hold what was said on the command line.
struct ServerFlags {
  std::string server = "127.0.0.1:7316";
  bool insecure = false;
  bool local = false;

  /// add_to adds --server and --insecure; `this` must outlive the command.
  void add_to(CLI::App& command);
  /// add_to_with_local adds --local too.
  void add_to_with_local(CLI::App& command);
  /// check returns kInvalidArgument when keys would cross a network in the clear and nobody asked
  /// for that by name, or when the address has no port.
  Status check() const;
};

}  // namespace rekey::ctl
