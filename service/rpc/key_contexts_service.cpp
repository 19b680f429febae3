// SPDX-License-Identifier: Apache-2.0
#include "rpc/key_contexts_service.h"

#include <utility>
#include <vector>

#include "contexts/requests.h"
#include "rpc/status.h"
#include "rpc/watch_call.h"
#include "wire/limits.h"

namespace rekey::rpc {
namespace {

/// They wait for the store and the engines, not for a core.
constexpr unsigned kThreads = 8;
constexpr std::size_t kMaxQueuedCalls = 1'024;
constexpr std::uint64_t kMaxQueuedItems = 4ULL * wire::kMaxRequestItems;
constexpr int kMaxWatching = 256;

grpc::Status status_of(const contexts::Failure& failure) {
  if (const auto* store = std::get_if<Status>(&failure)) return to_grpc(*store);
  if (const auto* refused = std::get_if<scheduler::Answer>(&failure)) return refusal(*refused);
  if (const auto* outcome = std::get_if<scheduler::Outcome>(&failure)) return ended(*outcome);
  return grpc::Status::OK;
}

grpc::Status draining() { return refusal({scheduler::Admission::kDraining}); }

}  // namespace

/// ContextsCall is one request, from its arrival to its answer. It deletes itself when gRPC is done
/// with it. A call that is cancelled is done nevertheless: it may be done already.
class ContextsCall final : public grpc::ServerUnaryReactor {
 public:
  ContextsCall(OpenCalls* open_calls, CallInfo info, v1::ContextsResponse* response)
      : open_calls_(open_calls), info_(std::move(info)), response_(response) {
    open_calls_->opened();
  }

  void OnDone() override {
    OpenCalls* open_calls = open_calls_;
    delete this;
    open_calls->closed();
  }

  std::vector<contexts::Asked>* asked() { return &asked_; }

  /// On a thread that may wait.
  void run(contexts::Keeper* keeper) {
    contexts::ServedItems served;
    const contexts::Failure failure =
        keeper->serve({info_.caller, info_.deadline_us}, asked_, response_, &served);
    if (failure.index() != 0) {
      refuse(status_of(failure));
      return;
    }
    if (!served.served.engine.empty()) served_to_wire(served.served, response_->mutable_served());
    const auto items = static_cast<std::uint32_t>(asked_.size());
    Finish(info_.watch.answering(grpc::Status::OK, Counted{{}, items, served.failed}, served.served,
                                 info_.caller));
  }

  void refuse(const grpc::Status& status) {
    Finish(info_.watch.answering(status, Counted{{}, static_cast<std::uint32_t>(asked_.size()), 0},
                                 {}));
  }

 private:
  OpenCalls* open_calls_;
  CallInfo info_;
  v1::ContextsResponse* response_;
  std::vector<contexts::Asked> asked_;
};

KeyContextsService::KeyContextsService(Contexts contexts, dispatch::Dispatcher* dispatcher,
                                       CallObserver* observer)
    : contexts_(std::move(contexts)),
      dispatcher_(dispatcher),
      observer_(observer),
      queue_(kThreads, kMaxQueuedCalls, kMaxQueuedItems) {
  SetMessageAllocatorFor_Establish(&establish_);
  SetMessageAllocatorFor_StartHandover(&start_handover_);
  SetMessageAllocatorFor_CompleteHandover(&complete_handover_);
  SetMessageAllocatorFor_CancelHandover(&cancel_handover_);
  SetMessageAllocatorFor_UpdateTek(&update_tek_);
  SetMessageAllocatorFor_Reauthenticate(&reauthenticate_);
  SetMessageAllocatorFor_Get(&get_);
  SetMessageAllocatorFor_Remove(&remove_);
}

CallInfo KeyContextsService::info(grpc::CallbackServerContext& context,
                                  std::string_view rpc) const {
  return call_info(context, *dispatcher_, CallWatch(observer_, &context, rpc));
}

template <typename Request>
grpc::ServerUnaryReactor* KeyContextsService::serve(Context* context, std::string_view rpc,
                                                    const Request& request,
                                                    v1::ContextsResponse* response) {
  auto* call = new ContextsCall(&open_calls_, info(*context, rpc), response);
  if (draining_) {
    call->refuse(draining());
  } else if (const Status status = contexts::read_request(request, call->asked()); !status.ok()) {
    call->refuse(to_grpc(status));
  } else if (!queue_.push(call->asked()->size(),
                          [call, keeper = contexts_.keeper] { call->run(keeper); })) {
    call->refuse(refusal({scheduler::Admission::kQueueFull}));
  }
  return call;
}

grpc::ServerUnaryReactor* KeyContextsService::Establish(Context* context,
                                                        const v1::EstablishRequest* request,
                                                        v1::ContextsResponse* response) {
  return serve(context, "KeyContexts.Establish", *request, response);
}

grpc::ServerUnaryReactor* KeyContextsService::StartHandover(Context* context,
                                                            const v1::StartHandoverRequest* request,
                                                            v1::ContextsResponse* response) {
  return serve(context, "KeyContexts.StartHandover", *request, response);
}

grpc::ServerUnaryReactor* KeyContextsService::CompleteHandover(
    Context* context, const v1::CompleteHandoverRequest* request, v1::ContextsResponse* response) {
  return serve(context, "KeyContexts.CompleteHandover", *request, response);
}

grpc::ServerUnaryReactor* KeyContextsService::CancelHandover(
    Context* context, const v1::CancelHandoverRequest* request, v1::ContextsResponse* response) {
  return serve(context, "KeyContexts.CancelHandover", *request, response);
}

grpc::ServerUnaryReactor* KeyContextsService::UpdateTek(Context* context,
                                                        const v1::UpdateTekRequest* request,
                                                        v1::ContextsResponse* response) {
  return serve(context, "KeyContexts.UpdateTek", *request, response);
}

grpc::ServerUnaryReactor* KeyContextsService::Reauthenticate(
    Context* context, const v1::ReauthenticateRequest* request, v1::ContextsResponse* response) {
  return serve(context, "KeyContexts.Reauthenticate", *request, response);
}

grpc::ServerUnaryReactor* KeyContextsService::Get(Context* context, const v1::GetRequest* request,
                                                  v1::ContextsResponse* response) {
  if (request->with_keys()) {
    if (const std::string refused = contexts_.keys_refusal(*context); !refused.empty()) {
      auto* call = new ContextsCall(&open_calls_, info(*context, "KeyContexts.Get"), response);
      call->refuse({grpc::StatusCode::PERMISSION_DENIED, "with_keys: " + refused});
      return call;
    }
  }
  return serve(context, "KeyContexts.Get", *request, response);
}

grpc::ServerUnaryReactor* KeyContextsService::Remove(Context* context,
                                                     const v1::RemoveRequest* request,
                                                     v1::ContextsResponse* response) {
  return serve(context, "KeyContexts.Remove", *request, response);
}

grpc::ServerWriteReactor<v1::ContextEvent>* KeyContextsService::Watch(
    Context* context, const v1::WatchRequest* request) {
  open_calls_.opened();
  const bool many = ++watching_ > kMaxWatching;
  auto* call = new WatchCall(contexts_.events, info(*context, "KeyContexts.Watch"), [this] {
    --watching_;
    open_calls_.closed();
  });
  contexts::ContextStore* store = contexts_.keeper->store();
  if (draining_) {
    call->refuse(draining());
  } else if (many) {
    call->refuse({grpc::StatusCode::RESOURCE_EXHAUSTED,
                  "expected at most " + std::to_string(kMaxWatching) + " that watch"});
  } else if (request->has_after()) {
    call->begin(request->after());
  } else if (!queue_.push(0, [call, store] {
               std::uint64_t last = 0;
               const Status status = store->last_event(&last);
               if (status.ok()) {
                 call->begin(last);
               } else {
                 call->refuse(to_grpc(status));
               }
             })) {
    call->refuse(refusal({scheduler::Admission::kQueueFull}));
  }
  return call;
}

void KeyContextsService::begin_drain() {
  draining_ = true;
  contexts_.events->begin_drain();
}

}  // namespace rekey::rpc
