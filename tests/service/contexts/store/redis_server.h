// SPDX-License-Identifier: Apache-2.0
//
// A real redis-server of one's own.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <string>

#include "net/host_port.h"

namespace rekey::contexts {

/// RedisServer runs on a free port of loopback, with its data in a directory of its own. It writes
/// each command before it answers.
class RedisServer {
 public:
  RedisServer();
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  /// start starts it, again on the same data, and waits until it answers.
  void start();
  /// kill ends it at once.
  void kill();
  /// command has redis-cli run a command and returns what it prints.
  std::string command(const std::string& arguments) const;
  [[nodiscard]] const net::HostPort& address() const { return address_; }

 private:
  std::string directory_;
  net::HostPort address_{"127.0.0.1", 0};
  pid_t process_ = 0;
};

}  // namespace rekey::contexts
