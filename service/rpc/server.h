// SPDX-License-Identifier: Apache-2.0
//
// The gRPC server: the services, health and reflection on one port.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <chrono>
#include <memory>
#include <string>

#include "dispatch/dispatcher.h"
#include "dispatch/engine_pool.h"
#include "rekey/status.h"

namespace rekey::rpc {

/// Server serves from start() until drain().
class Server {
 public:
  /// start listens on `address` (HOST:PORT; port 0 picks a free one) for callers that
  /// `credentials` admit. kUnavailable when it cannot. `dispatcher` and `pool` must outlive the
  /// server.
  static Status start(const std::string& address,
                      const std::shared_ptr<grpc::ServerCredentials>& credentials,
                      dispatch::Dispatcher* dispatcher, dispatch::EnginePool* pool,
                      std::unique_ptr<Server>* out_server);
  /// Ends open calls at once unless drain() was called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// port is where the server listens.
  [[nodiscard]] int port() const;

  /// set_unable has the health service say NOT_SERVING for key derivation. Callable from any
  /// thread.
  void set_unable();

  /// drain says NOT_SERVING, refuses new calls, answers what was accepted, then stops. False when
  /// calls were still open after `timeout`; those are cancelled.
  bool drain(std::chrono::milliseconds timeout);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekey::rpc
