// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers in rows as gRPC hands them over: in slices of memory.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include "dispatch/job.h"
#include "rekey/status.h"
#include "wire/rows.h"

namespace rekey::rpc {

/// RowsMessage is one request in rows and the answer to it.
class RowsMessage {
 public:
  /// announced_count is 0: how many rows there are is known once all are read.
  static std::uint32_t announced_count(const grpc::ByteBuffer& /*request*/) { return 0; }
  /// parse takes a request apart, which must outlive this object unchanged. Errors as
  /// wire::RowsRequest::parse().
  Status parse(const grpc::ByteBuffer& request);

  /// count, check, batch, priority and begin_results are those of wire::RowsRequest.
  [[nodiscard]] std::uint32_t count() const { return request_.count(); }
  Status check() { return request_.check(); }
  [[nodiscard]] const CheckedBatch& batch() const { return request_.batch(); }
  [[nodiscard]] scheduler::Priority priority() const { return request_.priority(); }
  BatchResult begin_results() { return request_.begin_results(); }

  /// answer returns what is to be sent. gRPC wipes it when it has sent it. To be called after
  /// begin_results().
  grpc::ByteBuffer answer(const dispatch::Served& served);

 private:
  wire::RowsRequest request_;
};

}  // namespace rekey::rpc
