// SPDX-License-Identifier: Apache-2.0
//
// A completion queue whose owner waits with patience, and which is empty before it goes.
#pragma once

#include <grpcpp/completion_queue.h>

#include "rekey/status.h"

namespace rekey::bench {

class Completions {
 public:
  Completions() = default;
  /// Waits for all that is under way: cancel it first.
  ~Completions();
  Completions(const Completions&) = delete;
  Completions& operator=(const Completions&) = delete;

  [[nodiscard]] grpc::CompletionQueue* queue() { return &queue_; }

  /// next waits for an operation to end. kUnavailable when none does for 30 s.
  Status next(void** out_tag, bool* out_ok);

 private:
  grpc::CompletionQueue queue_;
};

/// call_failed is what a call that failed comes to.
Status call_failed(const grpc::Status& status);

}  // namespace rekey::bench
