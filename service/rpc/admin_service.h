// SPDX-License-Identifier: Apache-2.0
//
// service Admin of the wire contract.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "dispatch/engine_pool.h"
#include "rekey/v1/admin.grpc.pb.h"
#include "rpc/call_observer.h"

namespace rekey::rpc {

/// AdminService answers operators.
class AdminService final : public v1::Admin::CallbackService {
 public:
  /// Actions are what the server does when an operator asks for it.
  struct Actions {
    std::function<void()> drain;       ///< must not wait
    std::function<void()> follow_pin;  ///< the pool was pinned to another engine
    std::function<std::string()> metrics_text;
  };

  /// `pool` and `observer`, which may be null, must outlive this object.
  AdminService(dispatch::EnginePool* pool, CallObserver* observer, Actions actions)
      : pool_(pool), observer_(observer), actions_(std::move(actions)) {}

  grpc::ServerUnaryReactor* GetCapabilities(grpc::CallbackServerContext* context,
                                            const v1::GetCapabilitiesRequest* request,
                                            v1::GetCapabilitiesResponse* response) override;
  /// One self-test runs at a time; a second one is RESOURCE_EXHAUSTED.
  grpc::ServerUnaryReactor* SelfTest(grpc::CallbackServerContext* context,
                                     const v1::SelfTestRequest* request,
                                     v1::SelfTestResponse* response) override;
  grpc::ServerUnaryReactor* Drain(grpc::CallbackServerContext* context,
                                  const v1::DrainRequest* request,
                                  v1::DrainResponse* response) override;
  grpc::ServerUnaryReactor* PinEngine(grpc::CallbackServerContext* context,
                                      const v1::PinEngineRequest* request,
                                      v1::PinEngineResponse* response) override;
  grpc::ServerUnaryReactor* GetMetrics(grpc::CallbackServerContext* context,
                                       const v1::GetMetricsRequest* request,
                                       v1::GetMetricsResponse* response) override;

 private:
  dispatch::EnginePool* pool_;
  CallObserver* observer_;
  Actions actions_;
  std::mutex self_test_;
};

}  // namespace rekey::rpc
