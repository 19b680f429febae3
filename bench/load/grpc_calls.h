// SPDX-License-Identifier: Apache-2.0
//
// What links over gRPC have in common. Brings gRPC's headers along.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "load/grpc_link.h"
#include "load/link.h"
#include "load/request_pool.h"
#include "rekey/status.h"

namespace rekey::bench::load {

/// How long a link waits for what is under way when it ends.
inline constexpr std::chrono::seconds kGoodbyePatience{2};

/// open_channels makes a connection from every caller to every target: those of the first caller,
/// then of the second. kInvalidArgument when a file of the certificates is of no use.
Status open_channels(const Targets& targets, std::uint32_t callers,
                     std::vector<std::shared_ptr<grpc::Channel>>* out_channels);

/// slice_of refers to the octets of a message that outlives the call, without copying them.
inline grpc::Slice slice_of(const std::string& message) {
  return {message.data(), message.size(), grpc::Slice::STATIC_SLICE};
}

/// parse returns whether the octets are a message.
template <typename Message>
bool parse(grpc::ByteBuffer* buffer, Message* message) {
  return grpc::SerializationTraits<Message>::Deserialize(buffer, message).ok();
}

/// Hub is what all calls of a link share.
class Hub {
  using Contexts = std::unordered_set<std::shared_ptr<grpc::ClientContext>>;

 public:
  Hub(const RequestPool& request_pool, Listener* told) : pool(request_pool), listener_(told) {}

  const RequestPool& pool;

  void enter(const std::shared_ptr<grpc::ClientContext>& context) {
    const std::lock_guard lock(mutex_);
    under_way_.insert(context);
    if (given_up_) context->TryCancel();  // not yet started: nobody is called back
  }
  /// Takes the caller's share of the context. A context keeps its channel, and gRPC's own thread,
  /// which calls this, must not be the one that ends the last channel: it would wait for itself.
  void leave(std::shared_ptr<grpc::ClientContext> context) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(context);
    context.reset();
    if (under_way_.empty()) all_left_.notify_all();
  }
  void give_up() {
    Contexts contexts;
    {
      const std::lock_guard lock(mutex_);
      given_up_ = true;
      contexts = under_way_;
    }
    // gRPC may call back from within, and that takes the lock.
    for (const auto& context : contexts) context->TryCancel();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    all_left_.wait(lock, [this] { return under_way_.empty(); });
  }
  void wait_for(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    all_left_.wait_for(lock, patience, [this] { return under_way_.empty(); });
  }

  void answered(const Job& job, Clock::time_point at, Verdict verdict) {
    listener_->ended({job, at, 0, {}, std::move(verdict)});
  }
  void failed(const Job& job, const grpc::Status& status) {
    const bool ours = status.error_code() == grpc::StatusCode::CANCELLED && given_up();
    listener_->ended(
        {job,
         Clock::now(),
         ours ? grpc::StatusCode::DEADLINE_EXCEEDED : status.error_code(),
         ours ? "no answer within the time that a request has" : status.error_message(),
         {}});
  }

 private:
  bool given_up() {
    const std::lock_guard lock(mutex_);
    return given_up_;
  }

  Listener* listener_;
  std::mutex mutex_;
  std::condition_variable all_left_;
  Contexts under_way_;
  bool given_up_ = false;
};

/// UnaryCall is one unary call; it deletes itself at its end.
class UnaryCall {
 public:
  /// Told how the call ended and, where that was well, of the answer's octets.
  using OnEnd = std::function<void(const grpc::Status& status, grpc::ByteBuffer* response)>;

  static void start(grpc::GenericStub* stub, const char* method, std::chrono::milliseconds timeout,
                    const grpc::Slice& request, Hub* hub, OnEnd on_end) {
    auto* call = new UnaryCall(request, hub, std::move(on_end));
    call->context_->set_deadline(std::chrono::system_clock::now() + timeout);
    hub->enter(call->context_);
    stub->UnaryCall(call->context_.get(), method, {}, &call->request_, &call->response_,
                    [call](const grpc::Status& status) { call->end(status); });
  }

 private:
  UnaryCall(const grpc::Slice& request, Hub* hub, OnEnd on_end)
      : hub_(hub), on_end_(std::move(on_end)), request_(&request, 1) {}

  void end(const grpc::Status& status) {
    on_end_(status, &response_);
    Hub* const hub = hub_;
    auto context = std::move(context_);
    delete this;
    hub->leave(std::move(context));
  }

  Hub* hub_;
  OnEnd on_end_;
  std::shared_ptr<grpc::ClientContext> context_ = std::make_shared<grpc::ClientContext>();
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace rekey::bench::load
