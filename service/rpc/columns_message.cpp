// SPDX-License-Identifier: Apache-2.0
#include "rpc/columns_message.h"

#include <grpc/slice.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "rpc/status.h"

namespace rekey::rpc {
namespace {

/// Hands memory over to gRPC, which wipes it when nothing refers to it any more.
grpc::Slice to_slice(WipedOctets octets) {
  const std::size_t size = octets.size();
  return {grpc_slice_new_with_len(octets.release(), size, free_wiped), grpc::Slice::STEAL_REF};
}

}  // namespace

Status ColumnsMessage::parse(const grpc::ByteBuffer& request) {
  octets_ = request;
  grpc::ProtoBufferReader reader(&octets_);
  if (!reader.status().ok()) {
    return Status::invalid_argument("request: expected a message, found none");
  }
  return request_.parse(&reader, octets_.Length());
}

BatchResult ColumnsMessage::begin_results() {
  answer_ = wire::ColumnsAnswer(request_.batch());
  return answer_.result();
}

grpc::ByteBuffer ColumnsMessage::answer(const dispatch::Served& served) {
  v1::DeriveBatchResponse head = wire::answer_head(request_);
  served_to_wire(served, head.mutable_served());
  const std::array<grpc::Slice, 2> slices = {grpc::Slice(head.SerializeAsString()),
                                             to_slice(answer_.take())};
  return {slices.data(), slices.size()};
}

}  // namespace rekey::rpc
