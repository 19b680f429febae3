// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/redis_connection.h"

#include <hiredis/hiredis.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace rekey::contexts {
namespace {

timeval to_timeval(std::chrono::milliseconds time) {
  return {.tv_sec = static_cast<time_t>(time.count() / 1000),
          .tv_usec = static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

/// An idle connection has nothing to read until its end is there, or the news that it was broken
/// off.
bool is_open(const redisContext& connection) {
  char octet = 0;
  return recv(connection.fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

void FreeRedis::operator()(redisContext* connection) const { redisFree(connection); }
void FreeRedis::operator()(redisReply* reply) const { freeReplyObject(reply); }

Status RedisConnections::unreachable(const std::string& why) const {
  return {Code::kUnavailable, "the Redis server at " + server_.to_string() + ": " + why};
}

Status RedisConnections::failed(const redisReply& reply) const {
  if (reply.type != REDIS_REPLY_ERROR) return {};
  const std::string_view error(reply.str, reply.len);
  Code code = Code::kInternal;
  if (error.starts_with("OOM ") || error.find("No space left") != error.npos) {
    code = Code::kResourceExhausted;
  }
  for (const char* passing : {"LOADING ", "BUSY ", "MISCONF ", "READONLY ", "MASTERDOWN "}) {
    if (code == Code::kInternal && error.starts_with(passing)) code = Code::kUnavailable;
  }
  return {code, "the Redis server at " + server_.to_string() + ": " + std::string(error)};
}

Status RedisConnections::take(Connection* out_connection) {
  {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      *out_connection = std::move(idle_.back());
      idle_.pop_back();
      if (is_open(**out_connection)) return {};
    }
  }
  out_connection->reset(
      redisConnectWithTimeout(server_.host.c_str(), server_.port, to_timeval(timeout_)));
  if (*out_connection == nullptr) return unreachable("out of memory");
  redisContext& connection = **out_connection;
  if (connection.err != 0) return unreachable(connection.errstr);
  if (redisSetTimeout(&connection, to_timeval(timeout_)) != REDIS_OK) {
    return unreachable(connection.errstr);
  }
  return {};
}

Status RedisConnections::ask(std::span<const RedisCommand> commands,
                             std::vector<RedisReply>* out_replies) {
  Connection connection;
  if (Status s = take(&connection); !s.ok()) return s;
  for (const RedisCommand& command : commands) {
    std::vector<const char*> parts;
    std::vector<std::size_t> sizes;
    for (const std::string& part : command) {
      parts.push_back(part.data());
      sizes.push_back(part.size());
    }
    if (redisAppendCommandArgv(connection.get(), static_cast<int>(parts.size()), parts.data(),
                               sizes.data()) != REDIS_OK) {
      return unreachable(connection->errstr);
    }
  }
  out_replies->clear();
  out_replies->reserve(commands.size());
  while (out_replies->size() < commands.size()) {
    void* reply = nullptr;
    if (redisGetReply(connection.get(), &reply) != REDIS_OK) {
      return unreachable(connection->err == REDIS_ERR_IO && errno == EAGAIN
                             ? "no answer within " + std::to_string(timeout_.count()) + " ms"
                             : connection->errstr);
    }
    out_replies->emplace_back(static_cast<redisReply*>(reply));
  }
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
  return {};
}

}  // namespace rekey::contexts
