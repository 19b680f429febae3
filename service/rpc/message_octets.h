// SPDX-License-Identifier: Apache-2.0
//
// Requests as gRPC hands them over, for who takes them apart.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "rekey/status.h"

namespace rekey::rpc {

/// octets_of returns a reader of a message, which must outlive it.
inline grpc::ProtoBufferReader octets_of(const grpc::ByteBuffer& message) {
  // A reader leaves the buffer as it is.
  return grpc::ProtoBufferReader(const_cast<grpc::ByteBuffer*>(&message));
}

/// parse_octets has a wire::ColumnsRequest or wire::RowsRequest take a message apart. Errors as
/// theirs.
template <typename Request>
Status parse_octets(const grpc::ByteBuffer& message, Request* out_request) {
  grpc::ProtoBufferReader octets = octets_of(message);
  if (!octets.status().ok()) {
    return Status::invalid_argument("request: expected a message, found none");
  }
  return out_request->parse(&octets, message.Length());
}

}  // namespace rekey::rpc
