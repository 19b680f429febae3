// SPDX-License-Identifier: Apache-2.0
#include "rpc/columns_message.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include "rpc/status.h"
#include "rpc/wiped_slice.h"

namespace rekey::rpc {

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
  return answer_of(head, answer_.take());
}

}  // namespace rekey::rpc
