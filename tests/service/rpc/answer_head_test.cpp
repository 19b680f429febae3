// SPDX-License-Identifier: Apache-2.0
#include "rpc/answer_head.h"

#include <gtest/gtest.h>

#include <string>

#include "rekey/v1/key_derivation.pb.h"

namespace rekey::rpc {
namespace {

template <typename Response>
void expect_as_protocol_buffers_write_it(Response message, const dispatch::Served& served) {
  const AnswerHead head(message, served);
  std::string octets(head.octets(), '\0');
  head.write(reinterpret_cast<std::uint8_t*>(octets.data()));
  Response expected = message;
  served_to_wire(served, expected.mutable_served());
  EXPECT_EQ(octets, expected.SerializeAsString());
}

TEST(AnswerHead, IsWhatProtocolBuffersWouldWrite) {
  const std::string long_name(200, 'e');
  const dispatch::Served all[] = {{},
                                  {"simd", 1, 0, 0, false},
                                  {"", 0, 128, 16'384, true},
                                  {long_name, UINT64_MAX, UINT64_MAX, UINT64_MAX, true}};
  for (const dispatch::Served& served : all) {
    v1::DeriveResponse rows;
    rows.set_profile(v1::PROFILE_LEGACY_16E);
    expect_as_protocol_buffers_write_it(rows, served);
    v1::DeriveBatchResponse columns;
    columns.set_profile(v1::PROFILE_16M_DRAFT);
    columns.set_sequence(UINT64_MAX);
    columns.set_count(65'536);
    expect_as_protocol_buffers_write_it(columns, served);
  }
}

}  // namespace
}  // namespace rekey::rpc
