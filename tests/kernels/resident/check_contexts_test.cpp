// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rekey/resident.h"
#include "support/contexts_model.h"

namespace rekey {
namespace {

const ContextsShape kShape = {.capacity = 8, .most_sas = 3};

TEST(CheckShape, NamesTheFieldThatIsWrong) {
  const auto message = [](auto change) {
    ContextsShape shape = kShape;
    change(shape);
    const Status status = check_shape(shape);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    return status.message();
  };
  EXPECT_EQ(check_shape(kShape), Status());
  EXPECT_EQ(message([](ContextsShape& s) { s.capacity = 0; }),
            "capacity: expected 1 to 16777216, found 0");
  EXPECT_EQ(message([](ContextsShape& s) { s.capacity = kMaxContexts + 1; }),
            "capacity: expected 1 to 16777216, found 16777217");
  EXPECT_EQ(message([](ContextsShape& s) { s.most_sas = 256; }),
            "most_sas: expected 0 to 255, found 256");
  EXPECT_THAT(message([](ContextsShape& s) { s.options.said_octets = 3; }),
              ::testing::HasSubstr("said_octets"));
  EXPECT_THAT(message([](ContextsShape& s) { s.profile = static_cast<Profile>(9); }),
              ::testing::HasSubstr("profile"));
}

TEST(CheckContexts, GivesEveryBadItemACodeAndAReason) {
  test::BatchShape batch_shape;
  batch_shape.count = 4;
  batch_shape.sas = test::SaShape::kEqual;
  batch_shape.max_sas = 3;
  test::BatchColumns columns = test::BatchColumns::random(batch_shape, 1);
  columns.ak_sn[1] = 16;
  columns.saids[2 * 3 + 1] = columns.saids[2 * 3];
  columns.sa_counts[3] = 4;
  columns.saids.push_back(static_cast<std::uint8_t>(columns.saids[9] ^ columns.saids[10] ^ 0x55));
  CheckedContexts contexts;
  ASSERT_EQ(check_contexts(kShape, test::context_input(columns), &contexts), Status());
  EXPECT_THAT(contexts.codes(),
              ::testing::ElementsAre(Code::kOk, Code::kInvalidArgument, Code::kInvalidArgument,
                                     Code::kInvalidArgument));
  EXPECT_EQ(contexts.item_message(0), "");
  EXPECT_EQ(contexts.item_message(1), "ak_sn: expected 0 to 15, found 16");
  EXPECT_THAT(contexts.item_message(2), ::testing::StartsWith("saids: expected different values"));
  EXPECT_EQ(contexts.item_message(3), "sa_counts: expected at most 3, found 4");
}

TEST(CheckContexts, RefusesAColumnOfTheWrongLength) {
  test::BatchShape batch_shape;
  batch_shape.count = 2;
  test::BatchColumns columns = test::BatchColumns::random(batch_shape, 1);
  columns.pmk.pop_back();
  CheckedContexts contexts;
  const Status status = check_contexts(kShape, test::context_input(columns), &contexts);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(status.message(), ::testing::StartsWith("pmk: expected 40 octets"));
}

TEST(CheckHandover, RefusesWhatIsMalformedAsAWhole) {
  const std::vector<ContextHandle> handles(3);
  const std::vector<std::uint8_t> octets(3 * kBsidOctets);
  const ConstOctets bsid(octets);
  const ConstOctets counts = bsid.first(3 * kCmacKeyCountOctets);
  const auto message = [](const ContextsShape& shape, const HandoverInput& input) {
    CheckedHandover handover;
    const Status status = check_handover(shape, input, &handover);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_EQ(handover.count(), 0U) << "it was left alone";
    return status.message();
  };
  EXPECT_THAT(message(kShape, {handles, bsid.first(17), counts, {}, {}}),
              ::testing::StartsWith("bsid: expected 18 octets"));
  EXPECT_THAT(message(kShape, {handles, bsid, counts.first(5), {}, {}}),
              ::testing::StartsWith("cmac_key_count: expected 6 octets"));
  EXPECT_THAT(message(kShape, {handles, bsid, counts, {}, {KeyKind::kKek}}),
              ::testing::StartsWith("outputs: "));
  const std::uint16_t twice[] = {1, 1};
  EXPECT_THAT(message(kShape, {handles, bsid, counts, twice, {}}),
              ::testing::StartsWith("tek_counters: "));
  const std::vector<ContextHandle> many(kMaxBatchItems + 1);
  EXPECT_EQ(message(kShape, {many, bsid.first(6), counts.first(2), {}, {}}),
            "handles: expected at most 1048576, found 1048577");
  ContextsShape rich = kShape;
  rich.most_sas = kMaxSasPerAms;
  const std::vector<ContextHandle> rich_handles(kMaxBatchItems, ContextHandle{1, 0, 255});
  EXPECT_THAT(message(rich, {rich_handles, bsid.first(6), counts.first(2), {}, {}}),
              ::testing::StartsWith("handles: expected at most 16777216 TEKs"));
}

TEST(CheckHandover, SaysHowLargeTheResultsAre) {
  const std::vector<ContextHandle> handles = {{1, 0, 2}, {}, {2, 1, 200}};
  const std::vector<std::uint8_t> octets(kBsidOctets);
  CheckedHandover handover;
  ASSERT_EQ(
      check_handover(kShape, {handles, octets, ConstOctets(octets).first(2), {}, {KeyKind::kTek}},
                     &handover),
      Status());
  EXPECT_THAT(handover.sa_counts(), ::testing::ElementsAre(2, 0, 3))
      << "no handle has more than the set has room for";
  EXPECT_EQ(handover.result_octets(KeyKind::kTek), 5 * 2 * kTekOctets);
  EXPECT_EQ(handover.result_octets(KeyKind::kAk), 0U);
}

}  // namespace
}  // namespace rekey
