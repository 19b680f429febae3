// SPDX-License-Identifier: Apache-2.0
//
// Watches one call on behalf of the observer, from its request to its answer.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dispatch/job.h"
#include "rekey/batch.h"
#include "rekey/profile.h"
#include "rpc/call_observer.h"

namespace rekey::rpc {

/// Counted is what a request was about.
struct Counted {
  std::optional<Profile> profile;  ///< if one for all
  std::uint32_t items = 0;         ///< AMSs
  std::uint32_t failed = 0;        ///< of them, with a code of their own
};

/// CallWatch is made when a request has arrived. Without an observer it costs nothing.
class CallWatch {
 public:
  CallWatch() = default;
  /// All must outlive this object. `observer` may be null. `rpc` is as in CallRecord.
  CallWatch(CallObserver* observer, grpc::CallbackServerContext* context, std::string_view rpc)
      : observer_(observer), context_(context), rpc_(rpc) {
    restart();
  }

  /// restart begins the next request of the same call.
  void restart() {
    if (observer_ != nullptr) start_ = std::chrono::steady_clock::now();
  }

  /// answering tells the observer, and returns what the call is to end with: `status`, or why its
  /// answer is held back. `batch` is null when the request was refused unread. `caller` is
  /// caller_of() where that is known; empty: it is found out if it is needed.
  [[nodiscard]] grpc::Status answering(const grpc::Status& status, const CheckedBatch* batch,
                                       const dispatch::Served& served,
                                       std::string_view caller = {}) const;
  [[nodiscard]] grpc::Status answering(const grpc::Status& status, const Counted& counted,
                                       const dispatch::Served& served,
                                       std::string_view caller = {}) const;

 private:
  CallObserver* observer_ = nullptr;
  grpc::CallbackServerContext* context_ = nullptr;
  std::string_view rpc_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace rekey::rpc
