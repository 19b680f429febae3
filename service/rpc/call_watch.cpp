// SPDX-License-Identifier: Apache-2.0
#include "rpc/call_watch.h"

#include "rpc/caller.h"
#include "rpc/status.h"

namespace rekey::rpc {
namespace {

class ContextOrigin final : public Origin {
 public:
  /// `caller` may be empty, and must outlive this object.
  ContextOrigin(grpc::CallbackServerContext& context, std::string_view caller)
      : context_(context), caller_(caller) {}
  [[nodiscard]] std::string caller() const override {
    return caller_.empty() ? caller_of(context_) : std::string(caller_);
  }
  [[nodiscard]] std::string traceparent() const override { return trace_of(context_); }

 private:
  grpc::CallbackServerContext& context_;
  std::string_view caller_;
};

}  // namespace

grpc::Status CallWatch::answering(const grpc::Status& status, const CheckedBatch* batch,
                                  const dispatch::Served& served, std::string_view caller) const {
  Counted counted;
  if (batch != nullptr) counted = {batch->profile(), batch->count(), batch->failed()};
  return answering(status, counted, served, caller);
}

grpc::Status CallWatch::answering(const grpc::Status& status, const Counted& counted,
                                  const dispatch::Served& served, std::string_view caller) const {
  if (observer_ == nullptr) return status;
  const ContextOrigin origin(*context_, caller);
  CallRecord record{.rpc = rpc_,
                    .origin = &origin,
                    .profile = counted.profile,
                    .items = counted.items,
                    .failed = counted.failed,
                    .code = status.error_code(),
                    .message = status.error_message(),
                    .served = served};
  record.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - start_)
                                     .count());
  const Status seen = observer_->answering(record);
  return seen.ok() ? status : to_grpc(seen);
}

}  // namespace rekey::rpc
