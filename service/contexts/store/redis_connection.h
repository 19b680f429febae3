// SPDX-License-Identifier: Apache-2.0
//
// Commands to a Redis server and what it says to them.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "net/host_port.h"
#include "rekey/status.h"

struct redisContext;
struct redisReply;

namespace rekey::contexts {

struct FreeRedis {
  void operator()(redisContext* connection) const;
  void operator()(redisReply* reply) const;
};
using RedisReply = std::unique_ptr<redisReply, FreeRedis>;
/// RedisCommand is a command and its arguments, which may be any octets.
using RedisCommand = std::vector<std::string>;

/// RedisConnections are as many as there are calls at once. Thread-safe.
class RedisConnections {
 public:
  RedisConnections(net::HostPort server, std::chrono::milliseconds timeout)
      : server_(std::move(server)), timeout_(timeout) {}

  /// ask sends all commands at once and waits for all replies, in their order; a reply may be an
  /// error. kUnavailable: some command may have been done or not. Nothing is sent twice.
  Status ask(std::span<const RedisCommand> commands, std::vector<RedisReply>* out_replies);

  /// failed returns what a reply's error means; OK when it is none.
  [[nodiscard]] Status failed(const redisReply& reply) const;

 private:
  using Connection = std::unique_ptr<redisContext, FreeRedis>;

  Status take(Connection* out_connection);
  [[nodiscard]] Status unreachable(const std::string& why) const;

  const net::HostPort server_;
  const std::chrono::milliseconds timeout_;
  std::mutex mutex_;
  std::vector<Connection> idle_;
};

}  // namespace rekey::contexts
