// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers in rows as gRPC hands them over: in slices of memory.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/byte_buffer.h>

#include "dispatch/job.h"
#include "rekey/status.h"
#include "rekey/v1/key_derivation.pb.h"
#include "wire/rows.h"

namespace rekey::rpc {

/// RowsMessage is one request in rows and the answer to it. The key material of the request is
/// wiped with this object.
class RowsMessage {
 public:
  RowsMessage();
  ~RowsMessage();
  RowsMessage(const RowsMessage&) = delete;
  RowsMessage& operator=(const RowsMessage&) = delete;

  /// parse reads a request. kInvalidArgument when it is no DeriveRequest.
  Status parse(const grpc::ByteBuffer& octets);
  /// How many AMSs the message speaks of, before check().
  [[nodiscard]] std::uint32_t count() const {
    return static_cast<std::uint32_t>(message_->items_size());
  }
  /// check, batch, priority and begin_results are those of wire::RowsRequest.
  Status check() { return request_.load(*message_); }
  [[nodiscard]] const CheckedBatch& batch() const { return request_.batch(); }
  [[nodiscard]] scheduler::Priority priority() const { return request_.priority(); }
  BatchResult begin_results() { return request_.begin_results(); }

  /// answer returns what is to be sent. gRPC wipes it when it has sent it. To be called after
  /// begin_results().
  grpc::ByteBuffer answer(const dispatch::Served& served);

 private:
  google::protobuf::Arena arena_;
  v1::DeriveRequest* message_;  ///< on the arena
  wire::RowsRequest request_;
};

}  // namespace rekey::rpc
