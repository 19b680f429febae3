// SPDX-License-Identifier: Apache-2.0
//
// The server's certificates, reloaded when their files change.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include "rekey/status.h"
#include "security/tls_files.h"

namespace rekey::security {

/// Certificates holds the identity that new connections get. Files that do not fit together change
/// nothing: the identity before them goes on. Thread-safe.
class Certificates {
 public:
  /// Told once about each change of the files: an empty reason when it was taken.
  using ChangeHook = std::function<void(std::string_view refusal)>;

  /// open loads the files. An error is Identity::load's.
  static Status open(const TlsFiles& files, ChangeHook on_change,
                     std::unique_ptr<Certificates>* out_certificates);

  /// replace goes on with other files, or the same ones. When they do not fit together nothing
  /// changes, and the error is Identity::load's.
  Status replace(const TlsFiles& files);

  /// expiry is when the certificate ends, in seconds since 1970.
  [[nodiscard]] std::int64_t expiry();

  /// visit_if_new looks whether the files have changed on disk, and calls `visit` when the identity
  /// is another one than at the last call. Returns whether it was called. Made to be asked at every
  /// handshake: three stat(2) when nothing has changed.
  bool visit_if_new(const std::function<void(const Identity&)>& visit);

 private:
  /// What tells one state of a file from another.
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t octets = 0;
    std::int64_t modified_s = 0;
    std::int64_t modified_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  using Stamps = std::array<Stamp, 3>;

  explicit Certificates(ChangeHook on_change) : on_change_(std::move(on_change)) {}
  static Stamps stamps_of(const TlsFiles& files);

  ChangeHook on_change_;
  std::mutex mutex_;
  TlsFiles files_;
  Stamps stamps_{};
  Identity identity_;
  bool visited_ = false;
};

}  // namespace rekey::security
