// SPDX-License-Identifier: Apache-2.0
#include "rpc/rows_message.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <utility>

#include "rpc/answer_head.h"
#include "rpc/message_arena.h"
#include "rpc/wiped_slice.h"
#include "wire/wipe.h"

namespace rekey::rpc {

RowsMessage::RowsMessage()
    : arena_(message_arena()),
      message_(google::protobuf::Arena::CreateMessage<v1::DeriveRequest>(&arena_)) {}

RowsMessage::~RowsMessage() { wire::wipe_secrets(message_); }

Status RowsMessage::parse(const grpc::ByteBuffer& octets) {
  // A reader leaves the buffer as it is.
  grpc::ProtoBufferReader reader(const_cast<grpc::ByteBuffer*>(&octets));
  if (!reader.status().ok() || !message_->ParseFromZeroCopyStream(&reader)) {
    return Status::invalid_argument(
        "request: expected a DeriveRequest in Protocol Buffers, found other octets");
  }
  return {};
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
