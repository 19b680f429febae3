// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "rekey/batch.h"
#include "support/batch_builder.h"

namespace rekey {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

test::BatchColumns columns_of(Profile profile, std::uint32_t count = 3,
                              ProfileOptions options = {}) {
  return test::BatchColumns::random({.variant = {profile, options}, .count = count}, 1);
}

Status check(const BatchInput& input) {
  CheckedBatch batch;
  return check_batch(input, &batch);
}

CheckedBatch checked(const BatchInput& input) {
  CheckedBatch batch;
  const Status status = check_batch(input, &batch);
  EXPECT_TRUE(status.ok()) << status.message();
  return batch;
}

void expect_refused(const BatchInput& input, const std::string& message) {
  const Status status = check(input);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.message(), message);
}

// ---- Columns. ----

struct ColumnCase {
  std::string field;
  std::size_t width;
  ConstOctets BatchInput::*column;
};

std::ostream& operator<<(std::ostream& out, const ColumnCase& column) {
  return out << column.field;
}

class InputColumn : public ::testing::TestWithParam<ColumnCase> {
 protected:
  const test::BatchColumns columns_ = columns_of(Profile::k16mDraft);
  const std::vector<std::uint8_t> zeros_ = std::vector<std::uint8_t>(1000);

  [[nodiscard]] BatchInput with_octets(std::size_t octets) const {
    BatchInput input = columns_.input();
    input.*GetParam().column = ConstOctets(zeros_).first(octets);
    return input;
  }
};

TEST_P(InputColumn, HoldsOneValueAnItemOrOneForAll) {
  const std::size_t width = GetParam().width;
  EXPECT_TRUE(check(with_octets(3 * width)).ok());
  EXPECT_TRUE(check(with_octets(width)).ok());
}

TEST_P(InputColumn, OfAnyOtherLengthIsRefused) {
  const auto& [field, width, column] = GetParam();
  const std::string w = std::to_string(width);
  const std::string expected = field + ": expected " + std::to_string(3 * width) + " octets (3 x " +
                               w + ") or " + w + (width == 1 ? " octet" : " octets") +
                               " for all, found ";
  for (std::size_t wrong : {3 * width - 1, 3 * width + 1, 2 * width, 4 * width, std::size_t{0}}) {
    if (wrong == width) continue;
    expect_refused(with_octets(wrong),
                   expected + std::to_string(wrong) + (wrong == 1 ? " octet" : " octets"));
  }
}

TEST_P(InputColumn, OfAnEmptyBatchIsEmptyOrOneForAll) {
  const std::size_t width = GetParam().width;
  BatchInput input;
  input.profile = Profile::k16mDraft;
  EXPECT_TRUE(check(input).ok());
  input.*GetParam().column = ConstOctets(zeros_).first(width);
  EXPECT_TRUE(check(input).ok());
  input.*GetParam().column = ConstOctets(zeros_).first(2 * width);
  EXPECT_THAT(check(input).message(), StartsWith(GetParam().field + ": expected 0 octets"));
}

INSTANTIATE_TEST_SUITE_P(CheckBatch, InputColumn,
                         ::testing::Values(ColumnCase{"pmk", 20, &BatchInput::pmk},
                                           ColumnCase{"msid", 6, &BatchInput::msid},
                                           ColumnCase{"bsid", 6, &BatchInput::bsid},
                                           ColumnCase{"nonce", 8, &BatchInput::nonce},
                                           ColumnCase{"cmac_key_count", 2,
                                                      &BatchInput::cmac_key_count},
                                           ColumnCase{"ak_sn", 1, &BatchInput::ak_sn}),
                         ::testing::PrintToStringParamName());

TEST(CheckBatch, RefusesANonceWhereNoneIsTaken) {
  const std::vector<std::uint8_t> nonce(24);
  const test::BatchColumns legacy = columns_of(Profile::kLegacy16e);
  BatchInput input = legacy.input();
  input.nonce = nonce;
  expect_refused(input, "nonce: expected 0 octets (legacy-16e takes no nonce), found 24 octets");

  const test::BatchColumns open = columns_of(Profile::k16mPublished, 3, {.msid_privacy_off = true});
  input = open.input();
  EXPECT_TRUE(check(input).ok());
  input.nonce = nonce;
  expect_refused(input,
                 "nonce: expected 0 octets (16m-published with msid_privacy_off takes no nonce), "
                 "found 24 octets");
}

// ---- Count. ----

// The empty string of a message points somewhere all the same: no engine may read there.
TEST(CheckBatch, GivesNoPointerToANonceThatIsNotTaken) {
  const std::uint8_t elsewhere[kNonceOctets] = {};
  for (const auto& [profile, options] :
       {std::pair{Profile::k16mPublished, ProfileOptions{.msid_privacy_off = true}},
        std::pair{Profile::kLegacy16e, ProfileOptions{}}}) {
    const test::BatchColumns columns = columns_of(profile, 3, options);
    BatchInput input = columns.input();
    input.nonce = ConstOctets(elsewhere, 0);
    EXPECT_EQ(checked(input).nonce().data, nullptr);
  }
}

TEST(CheckBatch, AcceptsAnEmptyBatch) {
  for (const test::Variant& variant : test::all_variants()) {
    BatchInput input;
    input.profile = variant.profile;
    input.options = variant.options;
    const CheckedBatch batch = checked(input);
    EXPECT_EQ(batch.count(), 0U);
    EXPECT_EQ(batch.total_sas(), 0U);
    EXPECT_THAT(batch.codes(), IsEmpty());
    for (KeyKind kind : kAllKeyKinds) EXPECT_EQ(batch.result_octets(kind), 0U);
  }
}

TEST(CheckBatch, RefusesMoreItemsThanTheLimit) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft, 1);
  columns.saids.clear();
  columns.outputs = {KeyKind::kAk};
  BatchInput input = columns.input();
  input.count = kMaxBatchItems;
  EXPECT_TRUE(check(input).ok());
  input.count = kMaxBatchItems + 1;
  expect_refused(input, "count: expected at most 1048576, found 1048577");
}

// ---- Profile, options, outputs. ----

TEST(CheckBatch, RefusesAnUnknownProfile) {
  const test::BatchColumns columns = columns_of(Profile::k16mDraft);
  BatchInput input = columns.input();
  input.profile = static_cast<Profile>(3);
  expect_refused(input, "profile: expected a known profile, found number 3");
}

TEST(CheckBatch, RefusesOptionsThatTheProfileDoesNotHave) {
  const auto message = [](Profile profile, ProfileOptions options) {
    const test::BatchColumns columns = columns_of(profile);
    BatchInput input = columns.input();
    input.options = options;
    const Status status = check(input);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    return status.message();
  };
  EXPECT_THAT(message(Profile::k16mPublished, {.nonce_first = true}),
              AllOf(StartsWith("options.nonce_first: 16m-published"),
                    HasSubstr("expected false, found true")));
  EXPECT_THAT(message(Profile::kLegacy16e, {.nonce_first = true}),
              StartsWith("options.nonce_first: legacy-16e"));
  EXPECT_THAT(message(Profile::k16mDraft, {.msid_privacy_off = true}),
              StartsWith("options.msid_privacy_off: 16m-draft"));
  EXPECT_THAT(message(Profile::kLegacy16e, {.msid_privacy_off = true}),
              StartsWith("options.msid_privacy_off: legacy-16e"));
  EXPECT_THAT(
      message(Profile::kLegacy16e, {.said_octets = 2}),
      AllOf(StartsWith("options.said_octets: legacy-16e"), HasSubstr("expected 1, found 2")));
  EXPECT_EQ(message(Profile::k16mDraft, {.said_octets = 0}),
            "options.said_octets: expected 1 or 2, found 0");
  EXPECT_EQ(message(Profile::k16mPublished, {.said_octets = 3}),
            "options.said_octets: expected 1 or 2, found 3");
}

TEST(CheckBatch, RefusesOutputsThatTheProfileDoesNotYield) {
  const test::BatchColumns draft = columns_of(Profile::k16mDraft);
  BatchInput input = draft.input();
  input.outputs = {KeyKind::kAk, KeyKind::kKek};
  expect_refused(input, "outputs: expected keys that 16m-draft yields, found kek");

  const test::BatchColumns legacy = columns_of(Profile::kLegacy16e);
  input = legacy.input();
  input.outputs = {KeyKind::kMsidStar};
  expect_refused(input, "outputs: expected keys that legacy-16e yields, found msid_star");
  input.outputs = {KeyKind::kTek};
  expect_refused(input, "outputs: expected keys that legacy-16e yields, found teks");
  input.outputs = {static_cast<KeyKind>(7)};
  expect_refused(input, "outputs: expected known kinds of key, found bits 128");
}

TEST(CheckBatch, SpellsOutTheDefaultOutputs) {
  const test::BatchColumns draft = columns_of(Profile::k16mDraft);
  EXPECT_EQ(checked(draft.input()).outputs(), derived_keys(Profile::k16mDraft));
  const test::BatchColumns legacy = columns_of(Profile::kLegacy16e);
  EXPECT_EQ(checked(legacy.input()).outputs(), derived_keys(Profile::kLegacy16e));
}

TEST(CheckBatch, SizesOnlyTheWantedResults) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft);
  columns.outputs = {KeyKind::kAk, KeyKind::kTek};
  columns.sa_counts = {2, 0, 1};
  columns.tek_counters = {7, 8, 9};
  const CheckedBatch batch = checked(columns.input());
  EXPECT_EQ(batch.result_octets(KeyKind::kAk), 3U * 20);
  EXPECT_EQ(batch.result_octets(KeyKind::kTek), 3U * 3 * 16);
  for (KeyKind kind :
       {KeyKind::kMsidStar, KeyKind::kAkid, KeyKind::kCmacKeyU, KeyKind::kCmacKeyD}) {
    EXPECT_EQ(batch.result_octets(kind), 0U);
  }
}

// ---- COUNTER_TEK. ----

TEST(CheckBatch, SpellsOutTheDefaultCounters) {
  const test::BatchColumns columns = columns_of(Profile::k16mDraft);
  EXPECT_THAT(checked(columns.input()).tek_counters(), ElementsAre(0, 1));
}

TEST(CheckBatch, TakesUpToSixteenDifferentCounters) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft);
  for (std::uint16_t i = 0; i < 16; ++i) columns.tek_counters.push_back(65'535 - i);
  const CheckedBatch batch = checked(columns.input());
  EXPECT_EQ(std::vector(batch.tek_counters().begin(), batch.tek_counters().end()),
            columns.tek_counters);
  columns.tek_counters.push_back(1);
  expect_refused(columns.input(), "tek_counters: expected at most 16, found 17");
  columns.tek_counters = {4, 5, 4};
  expect_refused(columns.input(), "tek_counters: expected different values, found 4 twice");
}

TEST(CheckBatch, RefusesCountersWhereNoTekIsDerived) {
  test::BatchColumns columns = columns_of(Profile::kLegacy16e);
  columns.tek_counters = {0};
  expect_refused(columns.input(),
                 "tek_counters: expected none (legacy-16e derives no TEK), found 1");
}

// ---- Security associations. ----

TEST(CheckBatch, CountsOneSaEachByDefault) {
  const test::BatchColumns columns = columns_of(Profile::k16mDraft);
  const CheckedBatch batch = checked(columns.input());
  EXPECT_EQ(batch.total_sas(), 3U);
  for (std::size_t item = 0; item < 3; ++item) EXPECT_EQ(batch.sa_count(item), 1U);
  EXPECT_TRUE(batch.sa_counts().empty());
}

TEST(CheckBatch, NeedsNoSasWhereNoTekIsWanted) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft);
  columns.saids.clear();
  expect_refused(columns.input(), "saids: expected 3 octets (3 SAs x 1), found 0 octets");
  columns.outputs = {KeyKind::kAk};
  const CheckedBatch batch = checked(columns.input());
  EXPECT_EQ(batch.total_sas(), 0U);
  EXPECT_EQ(batch.sa_count(2), 0U);
}

TEST(CheckBatch, TakesUnequalSas) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft);
  columns.sa_counts = {0, 3, 1};
  columns.saids = {1, 2, 3, 4};
  const CheckedBatch batch = checked(columns.input());
  EXPECT_EQ(batch.total_sas(), 4U);
  EXPECT_EQ(batch.sa_count(0), 0U);
  EXPECT_EQ(batch.sa_count(1), 3U);
  EXPECT_TRUE(std::ranges::equal(batch.sa_counts(), columns.sa_counts));
  columns.sa_counts = {0, 0, 0};
  columns.saids.clear();
  EXPECT_EQ(checked(columns.input()).result_octets(KeyKind::kTek), 0U);
}

TEST(CheckBatch, RefusesCountsThatDisagreeWithTheSaids) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft);
  columns.sa_counts = {0, 3, 1};
  for (std::size_t wrong : {0U, 3U, 5U, 8U}) {
    columns.saids.assign(wrong, 0);
    expect_refused(columns.input(), "saids: expected 4 octets (4 SAs x 1), found " +
                                        std::to_string(wrong) + " octets");
  }
  columns.variant.options.said_octets = 2;
  columns.saids.assign(7, 0);
  expect_refused(columns.input(), "saids: expected 8 octets (4 SAs x 2), found 7 octets");
}

TEST(CheckBatch, RefusesACountsColumnOfTheWrongLength) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft);
  columns.sa_counts = {1, 1};
  expect_refused(columns.input(),
                 "sa_counts: expected 3 octets or none (one SA each), found 2 octets");
  columns.sa_counts = {1, 1, 1, 0};
  expect_refused(columns.input(),
                 "sa_counts: expected 3 octets or none (one SA each), found 4 octets");
  BatchInput empty;
  empty.sa_counts = columns.sa_counts;
  expect_refused(empty, "sa_counts: expected 0 octets or none (one SA each), found 4 octets");
}

TEST(CheckBatch, RefusesSasWhereNoTekIsDerived) {
  const test::BatchColumns columns = columns_of(Profile::kLegacy16e);
  const std::vector<std::uint8_t> three = {1, 1, 1};
  BatchInput input = columns.input();
  input.sa_counts = three;
  expect_refused(input, "sa_counts: expected 0 octets (legacy-16e derives no TEK), found 3 octets");
  input = columns.input();
  input.saids = three;
  expect_refused(input, "saids: expected 0 octets (legacy-16e derives no TEK), found 3 octets");
}

TEST(CheckBatch, RefusesMoreTeksThanTheLimit) {
  constexpr std::uint32_t kItems = 4112;
  static_assert(std::uint64_t{kItems} * 255 * 16 < kMaxBatchTeks);
  static_assert(std::uint64_t{kItems + 1} * 255 * 16 > kMaxBatchTeks);
  test::BatchColumns columns = test::BatchColumns::random(
      {.variant = {}, .count = 1, .sas = test::SaShape::kNone, .tek_counters = 16}, 1);
  std::vector<std::uint8_t> saids;
  for (int said = 0; said < 255; ++said) saids.push_back(static_cast<std::uint8_t>(said));
  const auto set_count = [&](std::uint32_t count) {
    columns.count = count;
    columns.sa_counts.assign(count, 255);
    columns.saids.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
      columns.saids.insert(columns.saids.end(), saids.begin(), saids.end());
    }
  };
  set_count(kItems);
  EXPECT_TRUE(check(columns.input()).ok());
  set_count(kItems + 1);
  expect_refused(columns.input(),
                 "saids: expected at most 16777216 TEKs in a batch, found 1048815 SAs x 16 "
                 "counters");
  columns.outputs = {KeyKind::kAk};
  EXPECT_TRUE(check(columns.input()).ok());
}

// ---- Items. ----

TEST(CheckBatch, FailsAnAkSnAboveFifteenAlone) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft);
  columns.ak_sn = {15, 16, 0};
  const CheckedBatch batch = checked(columns.input());
  EXPECT_THAT(batch.codes(), ElementsAre(Code::kOk, Code::kInvalidArgument, Code::kOk));
  EXPECT_EQ(batch.failed(), 1U);
  EXPECT_EQ(batch.item_message(0), "");
  EXPECT_EQ(batch.item_message(1), "ak_sn: expected 0 to 15, found 16");
  EXPECT_EQ(batch.item_message(2), "");
}

TEST(CheckBatch, FailsEveryItemUnderASharedBadAkSn) {
  test::BatchColumns columns = columns_of(Profile::kLegacy16e);
  columns.ak_sn = {255};
  const CheckedBatch batch = checked(columns.input());
  EXPECT_EQ(batch.failed(), 3U);
  EXPECT_EQ(batch.item_message(2), "ak_sn: expected 0 to 15, found 255");
}

TEST(CheckBatch, FailsASaidTwiceInOneAmsAlone) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft, 4);
  columns.sa_counts = {2, 3, 1, 2};
  columns.saids = {1, 2, 2, 7, 2, 2, 2, 1};
  const CheckedBatch batch = checked(columns.input());
  EXPECT_THAT(batch.codes(), ElementsAre(Code::kOk, Code::kInvalidArgument, Code::kOk, Code::kOk));
  EXPECT_EQ(batch.item_message(1), "saids: expected different values, found 2 twice");
}

TEST(CheckBatch, ComparesWholeSaidsOfTwoOctets) {
  test::BatchColumns columns = columns_of(Profile::k16mPublished, 2, {.said_octets = 2});
  columns.sa_counts = {2, 2};
  columns.saids = {1, 2, 2, 2, 1, 2, 1, 2};
  const CheckedBatch batch = checked(columns.input());
  EXPECT_THAT(batch.codes(), ElementsAre(Code::kOk, Code::kInvalidArgument));
  EXPECT_EQ(batch.item_message(1), "saids: expected different values, found 258 twice");
}

TEST(CheckBatch, FailsASaidTwiceAlsoWhereNoTekIsWanted) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft, 1);
  columns.sa_counts = {2};
  columns.saids = {9, 9};
  columns.outputs = {KeyKind::kAk};
  EXPECT_EQ(checked(columns.input()).failed(), 1U);
}

// ---- The checked batch. ----

TEST(CheckBatch, LeavesTheBatchAloneWhenItRefuses) {
  const test::BatchColumns columns = columns_of(Profile::kLegacy16e, 2);
  CheckedBatch batch = checked(columns.input());
  BatchInput bad = columns.input();
  bad.pmk = {};
  EXPECT_FALSE(check_batch(bad, &batch).ok());
  EXPECT_EQ(batch.count(), 2U);
  EXPECT_EQ(batch.pmk().data, columns.pmk.data());
}

TEST(CheckBatch, ReadsColumnsAndColumnsOfOne) {
  test::BatchColumns columns = columns_of(Profile::k16mDraft);
  columns.bsid.resize(kBsidOctets);
  const CheckedBatch batch = checked(columns.input());
  EXPECT_EQ(batch.pmk().at(2), columns.pmk.data() + 2 * kPmkOctets);
  EXPECT_EQ(batch.bsid().at(2), columns.bsid.data());
  EXPECT_EQ(batch.nonce().at(1), columns.nonce.data() + kNonceOctets);
  const test::BatchColumns legacy = columns_of(Profile::kLegacy16e);
  EXPECT_EQ(checked(legacy.input()).nonce().data, nullptr);
}

}  // namespace
}  // namespace rekey
