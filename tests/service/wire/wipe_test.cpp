// SPDX-License-Identifier: Apache-2.0
#include "wire/wipe.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <string>

namespace rekey::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// Puts octets into every `bytes` field there is, two of every repeated message.
void fill(Message* message) {
  const auto* reflection = message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if (field->type() == FieldDescriptor::TYPE_BYTES) {
      reflection->SetString(message, field, std::string(40, '\xEE'));
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE && field->is_repeated()) {
      fill(reflection->AddMessage(message, field));
      fill(reflection->AddMessage(message, field));
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      fill(reflection->MutableMessage(message, field));
    }
  }
}

/// Expects zero octets in every `bytes` field; returns how many fields that were.
int expect_wiped(const Message& message) {
  const auto* reflection = message.GetReflection();
  int fields = 0;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->type() == FieldDescriptor::TYPE_BYTES) {
      EXPECT_EQ(reflection->GetString(message, field), std::string(40, '\0')) << field->full_name();
      ++fields;
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE && field->is_repeated()) {
      for (int j = 0; j < reflection->FieldSize(message, field); ++j) {
        fields += expect_wiped(reflection->GetRepeatedMessage(message, field, j));
      }
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      fields += expect_wiped(reflection->GetMessage(message, field));
    }
  }
  return fields;
}

template <typename M>
class Wipe : public ::testing::Test {};
using Messages = ::testing::Types<v1::DeriveRequest, v1::DeriveResponse, v1::DeriveBatchRequest,
                                  v1::DeriveBatchResponse>;
TYPED_TEST_SUITE(Wipe, Messages);

TYPED_TEST(Wipe, ReachesEveryBytesField) {
  TypeParam message;
  fill(&message);
  wipe_secrets(&message);
  EXPECT_GE(expect_wiped(message), 8);
}

TYPED_TEST(Wipe, AnEmptyMessageStaysEmpty) {
  TypeParam message;
  wipe_secrets(&message);
  EXPECT_EQ(message.ByteSizeLong(), 0U);
}

}  // namespace
}  // namespace rekey::wire
