// SPDX-License-Identifier: Apache-2.0
//
// service Admin of the wire contract.
#pragma once

#include <functional>
#include <mutex>

#include "dispatch/engine_pool.h"
#include "rekey/v1/admin.grpc.pb.h"
#include "rpc/call_observer.h"

namespace rekey::rpc {

/// AdminService answers operators.
class AdminService final : public v1::Admin::CallbackService {
 public:
  /// `pool` and `observer`, which may be null, must outlive this object. `drain` is called when an
  /// operator asks for it, and must not wait.
  AdminService(dispatch::EnginePool* pool, CallObserver* observer, std::function<void()> drain)
      : pool_(pool), observer_(observer), drain_(std::move(drain)) {}

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

 private:
  dispatch::EnginePool* pool_;
  CallObserver* observer_;
  std::function<void()> drain_;
  std::mutex self_test_;
};

}  // namespace rekey::rpc
