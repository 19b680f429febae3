// SPDX-License-Identifier: Apache-2.0
//
// One unary derivation, from its request to its answer.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include "dispatch/dispatcher.h"
#include "rpc/call_info.h"
#include "rpc/columns_message.h"
#include "rpc/open_calls.h"
#include "rpc/rows_message.h"
#include "rpc/status.h"

namespace rekey::rpc {

/// UnaryCall is what calls in rows and in columns have in common. It deletes itself when gRPC is
/// done with it.
class UnaryCall : public grpc::ServerUnaryReactor, public dispatch::Job {
 public:
  void OnCancel() override {
    if (dispatcher_->cancel(id_)) answer(ended(scheduler::Outcome::kCancelled), &batch());
  }

  void OnDone() override {
    OpenCalls* open_calls = open_calls_;
    delete this;
    open_calls->closed();
  }

  /// gRPC would pass OnDone() and OnCancel() to another thread, for what little they do.
  bool InternalInlineable() override { return true; }

  [[nodiscard]] std::string_view caller() const override { return info_.caller; }
  [[nodiscard]] std::uint64_t deadline_us() const override { return info_.deadline_us; }

  void done(const dispatch::Ending& ending) override {
    if (ending.outcome == scheduler::Outcome::kDone) write_response(ending.served);
    answer(ended(ending.outcome), &batch(), ending.served);
  }

 protected:
  UnaryCall(dispatch::Dispatcher* dispatcher, OpenCalls* open_calls, CallInfo info)
      : dispatcher_(dispatcher), open_calls_(open_calls), info_(std::move(info)) {
    open_calls_->opened();
  }

  /// has_room_for answers a call at once, and returns false, when so many AMSs are not worth
  /// looking at: a refusal must cost less than an answer. For 0 it returns true.
  bool has_room_for(std::uint32_t items) {
    if (items == 0) return true;
    const scheduler::Answer preview = dispatcher_->preview(info_.caller, items);
    if (!preview.accepted()) answer(refusal(preview), nullptr);
    return preview.accepted();
  }

  /// start answers a call at once or queues it. `check` is what checks the request.
  template <typename Check>
  void start(Check check) {
    if (const Status status = check(); !status.ok()) {
      refuse(status);
    } else if (batch().count() == 0) {
      begin_results();
      done({});
    } else if (const auto admission = dispatcher_->submit(this, &id_, dispatch::Where::kHere);
               !admission.accepted()) {
      answer(refusal(admission), &batch());
    }
  }

  /// refuse answers a call whose request is malformed.
  void refuse(const Status& status) { answer(to_grpc(status), nullptr); }

  /// write_response completes the response; the keys are in the results.
  virtual void write_response(const dispatch::Served& served) = 0;

 private:
  /// `checked` is null when the request was refused unread.
  void answer(const grpc::Status& status, const CheckedBatch* checked,
              const dispatch::Served& served = {}) {
    Finish(info_.watch.answering(status, checked, served, info_.caller));
  }

  dispatch::Dispatcher* dispatcher_;
  OpenCalls* open_calls_;
  CallInfo info_;
  scheduler::WorkId id_ = 0;
};

/// MessageCall is a call whose request and answer are a `Message`: RowsMessage or ColumnsMessage.
/// gRPC keeps both until it is done with the call.
template <typename Message>
class MessageCall final : public UnaryCall {
 public:
  MessageCall(dispatch::Dispatcher* dispatcher, OpenCalls* open_calls, CallInfo info,
              const grpc::ByteBuffer& request, grpc::ByteBuffer* response)
      : UnaryCall(dispatcher, open_calls, std::move(info)), response_(response) {
    const std::uint32_t announced = Message::announced_count(request);
    if (!has_room_for(announced)) return;
    if (const Status status = message_.parse(request); !status.ok()) {
      refuse(status);
    } else if (announced > 0 || has_room_for(message_.count())) {
      start([this] { return message_.check(); });
    }
  }

  [[nodiscard]] const CheckedBatch& batch() const override { return message_.batch(); }
  [[nodiscard]] scheduler::Priority priority() const override { return message_.priority(); }
  BatchResult begin_results() override { return message_.begin_results(); }

 private:
  void write_response(const dispatch::Served& served) override {
    // Assigning one buffer to another copies it.
    message_.answer(served).Swap(response_);
  }

  grpc::ByteBuffer* response_;
  Message message_;
};

using RowsCall = MessageCall<RowsMessage>;        ///< serves Derive
using ColumnsCall = MessageCall<ColumnsMessage>;  ///< serves DeriveBatch

}  // namespace rekey::rpc
