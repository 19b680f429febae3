// SPDX-License-Identifier: Apache-2.0
//
// The flags that say where a command runs: on a server, or in this process.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "rekey/status.h"
#include "security/tls_files.h"

namespace rekey::ctl {

/// ServerFlags hold what was said on the command line.
struct ServerFlags {
  std::string server = "127.0.0.1:7316";
  bool insecure = false;
  bool local = false;
  security::TlsFiles tls;   ///< none: plaintext
  std::string server_name;  ///< in the server's certificate; empty: HOST of `server`

  /// add_to adds --server, --tls-cert, --tls-key, --tls-ca, --server-name and --insecure; `this`
  /// must outlive the command.
  void add_to(CLI::App& command);
  /// add_to_with_local adds --local too.
  void add_to_with_local(CLI::App& command);
  /// check returns kInvalidArgument when keys would cross a network in the clear and nobody asked
  /// for that by name, when the address has no port, or when one of the TLS files is not named.
  Status check() const;
};

}  // namespace rekey::ctl
