// SPDX-License-Identifier: Apache-2.0
//
// Certificates of one run over mutual TLS: an authority, a server and two clients.
#pragma once

#include <filesystem>
#include <memory>

#include "rekey/status.h"
#include "service/servers.h"

namespace rekey::bench {

/// Certificates lie in a folder that only this user can read, and which goes with this object. They
/// are valid for a day, on 127.0.0.1.
class Certificates {
 public:
  /// make generates P-256 keys and signs. kInternal when OpenSSL or the file system fails.
  static Status make(std::unique_ptr<Certificates>* out_certificates);
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  [[nodiscard]] const RunTls& files() const { return files_; }

 private:
  explicit Certificates(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Status write_all();

  std::filesystem::path folder_;
  RunTls files_;
};

}  // namespace rekey::bench
