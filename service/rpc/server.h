// SPDX-License-Identifier: Apache-2.0
//
// The gRPC server: the services, health and reflection on one port.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "dispatch/dispatcher.h"
#include "dispatch/engine_pool.h"
#include "rekey/status.h"
#include "rpc/call_observer.h"
#include "rpc/key_contexts_service.h"

namespace rekey::rpc {

/// Parts are what a server serves with. They must outlive it.
struct Parts {
  dispatch::Dispatcher* dispatcher;
  dispatch::EnginePool* pool;
  CallObserver* observer = nullptr;  ///< may be null
  /// Called when an operator asks for a drain; must not wait.
  std::function<void()> on_drain_asked = [] {};
  /// Metrics in Prometheus text format, for operators.
  std::function<std::string()> metrics_text = [] { return std::string(); };
  /// Without a keeper there is no service KeyContexts.
  Contexts contexts = {};
};

/// Server serves from start() until drain().
class Server {
 public:
  /// start listens on `address` (HOST:PORT; port 0 picks a free one) for callers that
  /// `credentials` admit. kUnavailable when it cannot.
  static Status start(const std::string& address,
                      const std::shared_ptr<grpc::ServerCredentials>& credentials,
                      const Parts& parts, std::unique_ptr<Server>* out_server);
  /// Ends open calls at once unless drain() was called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// port is where the server listens.
  [[nodiscard]] int port() const;

  /// open_calls returns how many calls and streams of KeyDerivation have not ended. Callable from
  /// any thread.
  [[nodiscard]] std::uint64_t open_calls() const;

  /// set_unable has the health service say NOT_SERVING for key derivation. Callable from any
  /// thread.
  void set_unable();

  /// set_contexts_serving has the health service say whether the store of contexts serves. Callable
  /// from any thread.
  void set_contexts_serving(bool serving);

  /// drain says NOT_SERVING, serves on for `lame_duck` so that callers can turn to other servers,
  /// refuses new calls, answers what was accepted, then stops. False when calls were still open
  /// `limit` after that; those are cancelled.
  bool drain(std::chrono::milliseconds lame_duck, std::chrono::milliseconds limit);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekey::rpc
