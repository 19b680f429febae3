// SPDX-License-Identifier: Apache-2.0
//
// The message that is sent again and again, and what its answer must say.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <memory>

#include "engines/workload.h"
#include "rekey/engine.h"
#include "rekey/status.h"
#include "service/shape.h"

namespace rekey::bench {

/// Exchange is a request of random AMSs of 16m-draft (44 octets each in columns, 99 in the answer)
/// and the keys that OpenSSL derives for it.
class Exchange {
 public:
  /// make writes the request of `ams` AMSs and derives its keys with `referee`.
  static Status make(Rpc rpc, std::uint32_t ams, Engine& referee,
                     std::unique_ptr<Exchange>* out_exchange);

  /// request is the message as it crosses the wire.
  [[nodiscard]] const grpc::ByteBuffer& request() const { return request_; }

  /// check compares every key of an answer. kInternal names the first that differs, and never shows
  /// one.
  [[nodiscard]] Status check(const grpc::ByteBuffer& answer) const;

 private:
  Exchange(Rpc rpc, std::unique_ptr<Workload> workload)
      : rpc_(rpc), workload_(std::move(workload)), expected_(workload_->batch()) {}

  Rpc rpc_;
  std::unique_ptr<Workload> workload_;
  ResultColumns expected_;
  grpc::ByteBuffer request_;
};

}  // namespace rekey::bench
