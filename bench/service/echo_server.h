// SPDX-License-Identifier: Apache-2.0
//
// The ceiling that rekeyd is measured against: a gRPC server of the same kind (callback API, same
// messages) that only copies octets.
#pragma once

#include <memory>
#include <string>

#include "rekey/status.h"
#include "service/tls_files.h"

namespace rekey::bench {

/// The raw ways of the echo server: columns as unread slices.
inline constexpr char kRawUnaryMethod[] = "/rekey.bench.Echo/Unary";
inline constexpr char kRawStreamMethod[] = "/rekey.bench.Echo/Stream";

struct EchoOptions {
  bool arena = false;  ///< messages of unary calls lie on arenas, not on the heap
  TlsFiles tls;        ///< none: plaintext
};

/// EchoServer answers rekey.v1.KeyDerivation with typed messages and the raw methods with slices,
/// on 127.0.0.1, until it is destroyed.
class EchoServer {
 public:
  /// start listens on a free port; kUnavailable when it cannot.
  static Status start(const EchoOptions& options, std::unique_ptr<EchoServer>* out_server);
  ~EchoServer();
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  /// address is where it listens, as HOST:PORT.
  [[nodiscard]] std::string address() const;

 private:
  class Impl;
  explicit EchoServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekey::bench
