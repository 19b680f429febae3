// SPDX-License-Identifier: Apache-2.0
#include "rpc/rows_message.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include "rpc/message_arena.h"
#include "rpc/status.h"
#include "rpc/wiped_slice.h"
#include "wire/wipe.h"

namespace rekey::rpc {

RowsMessage::RowsMessage()
    : arena_(message_arena()),
      message_(google::protobuf::Arena::CreateMessage<v1::DeriveRequest>(&arena_)) {}

RowsMessage::~RowsMessage() { wire::wipe_secrets(message_); }

Status RowsMessage::parse(const grpc::ByteBuffer& octets) {
  grpc::ByteBuffer request = octets;
  grpc::ProtoBufferReader reader(&request);
  if (!reader.status().ok() || !message_->ParseFromZeroCopyStream(&reader)) {
    return Status::invalid_argument(
        "request: expected a DeriveRequest in Protocol Buffers, found other octets");
  }
  return {};
}

grpc::ByteBuffer RowsMessage::answer(const dispatch::Served& served) {
  v1::DeriveResponse head = request_.answer_head();
  served_to_wire(served, head.mutable_served());
  return answer_of(head, request_.answer());
}

}  // namespace rekey::rpc
