// SPDX-License-Identifier: Apache-2.0
#include "rpc/rows_message.h"

#include <utility>

#include "rpc/answer_head.h"
#include "rpc/message_octets.h"
#include "rpc/wiped_slice.h"

namespace rekey::rpc {

Status RowsMessage::parse(const grpc::ByteBuffer& request) {
  return parse_octets(request, &request_);
}

grpc::ByteBuffer RowsMessage::answer(const dispatch::Served& served) {
  const v1::DeriveResponse message = request_.answer_head();
  const AnswerHead head(message, served);
  WipedOctets octets = request_.answer(head.octets());
  head.write(octets.octets().data());
  const grpc::Slice slice = wiped_slice(std::move(octets));
  return {&slice, 1};
}

}  // namespace rekey::rpc
