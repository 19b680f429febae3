// SPDX-License-Identifier: Apache-2.0
#include "rpc/call_watch.h"

#include "rpc/caller.h"
#include "rpc/status.h"

namespace rekey::rpc {
namespace {

class ContextOrigin final : public Origin {
 public:
  explicit ContextOrigin(const grpc::ServerContextBase& context) : context_(context) {}
  [[nodiscard]] std::string caller() const override { return caller_of(context_); }
  [[nodiscard]] std::string traceparent() const override { return trace_of(context_); }

 private:
  const grpc::ServerContextBase& context_;
};

}  // namespace

grpc::Status CallWatch::answering(const grpc::Status& status, const CheckedBatch* batch,
                                  const dispatch::Served& served) const {
  Counted counted;
  if (batch != nullptr) counted = {batch->profile(), batch->count(), batch->failed()};
  return answering(status, counted, served);
}

grpc::Status CallWatch::answering(const grpc::Status& status, const Counted& counted,
                                  const dispatch::Served& served) const {
  if (observer_ == nullptr) return status;
  const ContextOrigin origin(*context_);
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
