// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers in columns as gRPC hands them over: in slices of memory.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include "dispatch/job.h"
#include "rekey/status.h"
#include "wire/columns.h"

namespace rekey::rpc {

/// ColumnsMessage is one request in columns and the answer to it.
class ColumnsMessage {
 public:
  /// announced_count is that of wire/columns.h.
  static std::uint32_t announced_count(const grpc::ByteBuffer& request);
  /// parse takes a request apart, which must outlive this object unchanged. Errors as
  /// wire::ColumnsRequest::parse().
  Status parse(const grpc::ByteBuffer& request);

  /// count, check, batch, priority are those of wire::ColumnsRequest.
  [[nodiscard]] std::uint32_t count() const { return request_.count(); }
  Status check() { return request_.check(); }
  [[nodiscard]] const CheckedBatch& batch() const { return request_.batch(); }
  [[nodiscard]] scheduler::Priority priority() const { return request_.priority(); }

  /// begin_results makes room for the answer and returns the columns for an engine to write.
  BatchResult begin_results();

  /// answer returns what is to be sent. gRPC wipes it when it has sent it. To be called once, after
  /// begin_results().
  grpc::ByteBuffer answer(const dispatch::Served& served);

 private:
  wire::ColumnsRequest request_;
  wire::ColumnsAnswer answer_;
};

}  // namespace rekey::rpc
