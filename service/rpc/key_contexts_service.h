// SPDX-License-Identifier: Apache-2.0
//
// service KeyContexts of the wire contract.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "contexts/event_feed.h"
#include "contexts/keeper.h"
#include "contexts/work_queue.h"
#include "dispatch/dispatcher.h"
#include "rekey/v1/key_contexts.grpc.pb.h"
#include "rpc/call_info.h"
#include "rpc/call_observer.h"
#include "rpc/open_calls.h"
#include "rpc/wiping_allocator.h"

namespace rekey::rpc {

/// Contexts are what the service serves with. The pointers must outlive it.
struct Contexts {
  contexts::Keeper* keeper = nullptr;
  contexts::EventFeed* events = nullptr;
  /// Why the caller may not have the keys of Get; empty: it may.
  std::function<std::string(const grpc::ServerContextBase&)> keys_refusal =
      [](const grpc::ServerContextBase&) { return std::string(); };
};

/// KeyContextsService has a few threads that wait for the store, and a queue before them.
class KeyContextsService final : public v1::KeyContexts::CallbackService {
 public:
  /// `dispatcher` and `observer`, which may be null, must outlive this object.
  KeyContextsService(Contexts contexts, dispatch::Dispatcher* dispatcher, CallObserver* observer);

  using Context = grpc::CallbackServerContext;
  grpc::ServerUnaryReactor* Establish(Context* context, const v1::EstablishRequest* request,
                                      v1::ContextsResponse* response) override;
  grpc::ServerUnaryReactor* StartHandover(Context* context, const v1::StartHandoverRequest* request,
                                          v1::ContextsResponse* response) override;
  grpc::ServerUnaryReactor* CompleteHandover(Context* context,
                                             const v1::CompleteHandoverRequest* request,
                                             v1::ContextsResponse* response) override;
  grpc::ServerUnaryReactor* CancelHandover(Context* context,
                                           const v1::CancelHandoverRequest* request,
                                           v1::ContextsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateTek(Context* context, const v1::UpdateTekRequest* request,
                                      v1::ContextsResponse* response) override;
  grpc::ServerUnaryReactor* Reauthenticate(Context* context,
                                           const v1::ReauthenticateRequest* request,
                                           v1::ContextsResponse* response) override;
  grpc::ServerUnaryReactor* Get(Context* context, const v1::GetRequest* request,
                                v1::ContextsResponse* response) override;
  grpc::ServerUnaryReactor* Remove(Context* context, const v1::RemoveRequest* request,
                                   v1::ContextsResponse* response) override;
  grpc::ServerWriteReactor<v1::ContextEvent>* Watch(Context* context,
                                                    const v1::WatchRequest* request) override;

  /// begin_drain refuses new calls and ends those that watch.
  void begin_drain();

  [[nodiscard]] OpenCalls& open_calls() { return open_calls_; }

 private:
  template <typename Request>
  grpc::ServerUnaryReactor* serve(Context* context, std::string_view rpc, const Request& request,
                                  v1::ContextsResponse* response);
  [[nodiscard]] CallInfo info(grpc::CallbackServerContext& context, std::string_view rpc) const;

  Contexts contexts_;
  dispatch::Dispatcher* dispatcher_;
  CallObserver* observer_;
  WipingAllocator<v1::EstablishRequest, v1::ContextsResponse> establish_;
  WipingAllocator<v1::StartHandoverRequest, v1::ContextsResponse> start_handover_;
  WipingAllocator<v1::CompleteHandoverRequest, v1::ContextsResponse> complete_handover_;
  WipingAllocator<v1::CancelHandoverRequest, v1::ContextsResponse> cancel_handover_;
  WipingAllocator<v1::UpdateTekRequest, v1::ContextsResponse> update_tek_;
  WipingAllocator<v1::ReauthenticateRequest, v1::ContextsResponse> reauthenticate_;
  WipingAllocator<v1::GetRequest, v1::ContextsResponse> get_;
  WipingAllocator<v1::RemoveRequest, v1::ContextsResponse> remove_;
  OpenCalls open_calls_;
  std::atomic<bool> draining_ = false;
  std::atomic<int> watching_ = 0;
  contexts::WorkQueue queue_;
};

}  // namespace rekey::rpc
