// SPDX-License-Identifier: Apache-2.0
//
// service Admin of the wire contract.
#pragma once

#include <mutex>

#include "dispatch/engine_pool.h"
#include "rekey/v1/admin.grpc.pb.h"

namespace rekey::rpc {

/// AdminService answers operators.
class AdminService final : public v1::Admin::CallbackService {
 public:
  /// `pool` must outlive this object.
  explicit AdminService(dispatch::EnginePool* pool) : pool_(pool) {}

  grpc::ServerUnaryReactor* GetCapabilities(grpc::CallbackServerContext* context,
                                            const v1::GetCapabilitiesRequest* request,
                                            v1::GetCapabilitiesResponse* response) override;
  /// One self-test runs at a time; a second one is RESOURCE_EXHAUSTED.
  grpc::ServerUnaryReactor* SelfTest(grpc::CallbackServerContext* context,
                                     const v1::SelfTestRequest* request,
                                     v1::SelfTestResponse* response) override;

 private:
  dispatch::EnginePool* pool_;
  std::mutex self_test_;
};

}  // namespace rekey::rpc
