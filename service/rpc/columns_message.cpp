// SPDX-License-Identifier: Apache-2.0
#include "rpc/columns_message.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include "rpc/answer_head.h"
#include "rpc/wiped_slice.h"

namespace rekey::rpc {

std::uint32_t ColumnsMessage::announced_count(const grpc::ByteBuffer& request) {
  grpc::ProtoBufferReader reader(const_cast<grpc::ByteBuffer*>(&request));
  return reader.status().ok() ? wire::announced_count(&reader) : 0;
}

Status ColumnsMessage::parse(const grpc::ByteBuffer& request) {
  // A reader leaves the buffer as it is.
  grpc::ProtoBufferReader reader(const_cast<grpc::ByteBuffer*>(&request));
  if (!reader.status().ok()) {
    return Status::invalid_argument("request: expected a message, found none");
  }
  return request_.parse(&reader, request.Length());
}

BatchResult ColumnsMessage::begin_results() {
  answer_ = wire::ColumnsAnswer(request_.batch());
  return answer_.result();
}

grpc::ByteBuffer ColumnsMessage::answer(const dispatch::Served& served) {
  const v1::DeriveBatchResponse head = wire::answer_head(request_);
  return answer_of(AnswerHead(head, served), answer_.take());
}

}  // namespace rekey::rpc
