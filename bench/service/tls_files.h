// SPDX-License-Identifier: Apache-2.0
//
// Where the certificates of a run over TLS lie.
#pragma once

#include <string>

namespace rekey::bench {

/// TlsFiles names PEM files, all or none: none is plaintext.
struct TlsFiles {
  std::string cert;  ///< of the one who shows it
  std::string key;   ///< its private key
  std::string ca;    ///< who vouches for the other side

  [[nodiscard]] bool none() const { return cert.empty() && key.empty() && ca.empty(); }
};

}  // namespace rekey::bench
