// SPDX-License-Identifier: Apache-2.0
//
// Messages as octets on the wire, and back.
#pragma once

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

namespace rekey::bench {

template <typename Message>
Message parsed(grpc::ByteBuffer buffer) {
  Message message;
  EXPECT_TRUE(grpc::SerializationTraits<Message>::Deserialize(&buffer, &message).ok());
  return message;
}

template <typename Message>
grpc::ByteBuffer serialised(const Message& message) {
  grpc::ByteBuffer buffer;
  bool own_buffer = false;
  EXPECT_TRUE(grpc::SerializationTraits<Message>::Serialize(message, &buffer, &own_buffer).ok());
  return buffer;
}

}  // namespace rekey::bench
