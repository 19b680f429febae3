// SPDX-License-Identifier: Apache-2.0
//
// A server in this process that derives nothing: what a load shows against it is the load
// generator's own limit. It can be made to stall.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "load/link.h"
#include "rekey/status.h"

namespace rekey::bench::load {

/// NullServer answers rekey.v1.KeyDerivation on 127.0.0.1 with messages of the size that rekeyd's
/// would have and zero octets for keys, until it is destroyed.
class NullServer {
 public:
  /// start listens on a free port; kUnavailable when it cannot.
  static Status start(std::unique_ptr<NullServer>* out_server);
  ~NullServer();
  NullServer(const NullServer&) = delete;
  NullServer& operator=(const NullServer&) = delete;

  /// stall holds back, until `begin + length`, the answers to unary calls that come from `begin`
  /// on. To be called before `begin`.
  void stall(Clock::time_point begin, std::chrono::milliseconds length);
  /// address is where it listens, as HOST:PORT.
  [[nodiscard]] std::string address() const;

 private:
  class Impl;
  explicit NullServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekey::bench::load
