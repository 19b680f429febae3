// SPDX-License-Identifier: Apache-2.0
//
// The three files of mutual TLS, and what is in them.
#pragma once

#include <cstdint>
#include <string>

#include "rekey/status.h"

namespace rekey::security {

/// TlsFiles names PEM files. All three belong together; all empty means plaintext.
struct TlsFiles {
  std::string cert;  ///< our own certificate, then the intermediate ones
  std::string key;   ///< its private key
  std::string ca;    ///< the authorities that vouch for the other side

  [[nodiscard]] bool none() const { return cert.empty() && key.empty() && ca.empty(); }
  [[nodiscard]] bool all() const { return !cert.empty() && !key.empty() && !ca.empty(); }
  bool operator==(const TlsFiles&) const = default;
};

/// Identity is what the files hold. The private key is wiped when it goes.
class Identity {
 public:
  Identity() = default;
  ~Identity();
  Identity(Identity&& other) noexcept;
  Identity& operator=(Identity&& other) noexcept;
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  /// load reads the files and checks that they fit together: certificates in PEM, the first of them
  /// valid today, its own private key. kInvalidArgument begins with `tls-cert`, `tls-key` or
  /// `tls-ca` and says what was expected and found, never what is in the key; `*out_identity` is
  /// then unchanged.
  static Status load(const TlsFiles& files, Identity* out_identity);

  /// expiry is when the certificate ends, in seconds since 1970.
  [[nodiscard]] std::int64_t expiry() const { return expiry_; }
  [[nodiscard]] const std::string& cert_pem() const { return cert_pem_; }
  [[nodiscard]] const std::string& key_pem() const { return key_pem_; }
  [[nodiscard]] const std::string& ca_pem() const { return ca_pem_; }

 private:
  std::string cert_pem_;
  std::string key_pem_;
  std::string ca_pem_;
  std::int64_t expiry_ = 0;
};

}  // namespace rekey::security
