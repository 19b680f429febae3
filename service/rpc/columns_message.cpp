// SPDX-License-Identifier: Apache-2.0
#include "rpc/columns_message.h"

#include "rpc/answer_head.h"
#include "rpc/message_octets.h"
#include "rpc/wiped_slice.h"

namespace rekey::rpc {

std::uint32_t ColumnsMessage::announced_count(const grpc::ByteBuffer& request) {
  grpc::ProtoBufferReader octets = octets_of(request);
  return octets.status().ok() ? wire::announced_count(&octets) : 0;
}

Status ColumnsMessage::parse(const grpc::ByteBuffer& request) {
  return parse_octets(request, &request_);
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
