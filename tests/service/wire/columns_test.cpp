// SPDX-License-Identifier: Apache-2.0
#include "wire/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "service/support/parsed_columns.h"
#include "service/support/requests.h"
#include "wire/limits.h"

namespace rekey::wire {
namespace {

using test::known_columns;
using test::message_of;
using test::ParsedColumns;
using ::testing::HasSubstr;

/// A good request of three AMSs with every column in full, and two SAs each.
v1::DeriveBatchRequest full_request() {
  v1::DeriveBatchRequest request = known_columns(v1::PROFILE_16M_DRAFT, 3);
  const auto repeat = [](const std::string& value) { return value + value + value; };
  request.set_pmk(repeat(request.pmk()));
  request.set_msid(repeat(request.msid()));
  request.set_bsid(repeat(request.bsid()));
  request.set_nonce(repeat(request.nonce()));
  request.set_cmac_key_count(repeat(request.cmac_key_count()));
  request.set_ak_sn(repeat(request.ak_sn()));
  request.set_sa_counts(std::string(3, '\x02'));
  request.set_saids(test::wire_octets("010203040506"));
  return request;
}

Status check(const v1::DeriveBatchRequest& request) { return ParsedColumns(request).status; }

v1::DeriveBatchResponse answer_to(const ParsedColumns& parsed) {
  return message_of(parsed.request, ColumnsAnswer(parsed.request.batch()));
}

void expect_refused(const v1::DeriveBatchRequest& request, const std::string& message) {
  const Status status = check(request);
  EXPECT_EQ(status.code(), Code::kInvalidArgument) << message;
  EXPECT_THAT(status.message(), HasSubstr(message));
}

/// Where a column lies within the octets of its message; the size of these where it does not.
std::size_t place_in(const std::string& octets, const void* column) {
  const auto* at = static_cast<const char*>(column);
  return at >= octets.data() && at < octets.data() + octets.size()
             ? static_cast<std::size_t>(at - octets.data())
             : octets.size();
}

std::string text(ConstOctets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

void expect_same(const CheckedBatch& batch, const v1::DeriveBatchRequest& request) {
  ASSERT_EQ(batch.count(), request.count());
  const std::size_t n = batch.count();
  EXPECT_EQ(text(batch.pmk().octets(n)), request.pmk());
  EXPECT_EQ(text(batch.msid().octets(n)), request.msid());
  EXPECT_EQ(text(batch.bsid().octets(n)), request.bsid());
  EXPECT_EQ(text(batch.nonce().octets(n)), request.nonce());
  EXPECT_EQ(text(batch.cmac_key_count().octets(n)), request.cmac_key_count());
  EXPECT_EQ(text(batch.ak_sn().octets(n)), request.ak_sn());
  EXPECT_EQ(text(batch.sa_counts()), request.sa_counts());
  EXPECT_EQ(text(batch.saids()), request.saids());
}

std::uint32_t announced_by(const std::string& octets) {
  google::protobuf::io::ArrayInputStream in(octets.data(), static_cast<int>(octets.size()), 5);
  return announced_count(&in);
}

TEST(ColumnsRequest, HowManyAmssItHasIsToldBeforeItIsTakenApart) {
  v1::DeriveBatchRequest request = full_request();
  EXPECT_EQ(announced_by(request.SerializeAsString()), 3U);
  request.mutable_options()->set_nonce_first(true);
  EXPECT_EQ(announced_by(request.SerializeAsString()), 3U);
  v1::DeriveBatchRequest columns = request;
  columns.clear_profile();
  columns.clear_options();
  columns.clear_count();
  EXPECT_EQ(announced_by(columns.SerializeAsString() + request.SerializeAsString()), 0U)
      << "it says so behind its columns";
  EXPECT_EQ(announced_by(""), 0U);
  EXPECT_EQ(announced_by("\x18"), 0U) << "cut off";
}

TEST(Columns, TheBatchRefersToTheMessagesOwnOctets) {
  const v1::DeriveBatchRequest request = full_request();
  const ParsedColumns parsed(request);
  ASSERT_EQ(parsed.status, Status());
  const CheckedBatch& batch = parsed.request.batch();
  EXPECT_EQ(place_in(parsed.octets, batch.pmk().data), parsed.octets.find(request.pmk()));
  EXPECT_EQ(place_in(parsed.octets, batch.saids().data()), parsed.octets.rfind(request.saids()));
  EXPECT_EQ(parsed.request.priority(), scheduler::Priority::kHandover);
  expect_same(batch, request);
}

TEST(Columns, AMessageInPiecesIsTheSame) {
  v1::DeriveBatchRequest request = full_request();
  request.set_sequence(1ULL << 60);
  request.add_tek_counters(300);
  for (int piece = 1; piece < 80; ++piece) {
    const ParsedColumns parsed(request, piece);
    ASSERT_EQ(parsed.status, Status()) << piece;
    expect_same(parsed.request.batch(), request);
    EXPECT_EQ(parsed.request.sequence(), request.sequence());
    EXPECT_EQ(parsed.request.batch().tek_counters()[0], 300);
  }
}

TEST(Columns, TheLastOfEqualFieldsCountsAndUnknownOnesDoNot) {
  v1::DeriveBatchRequest earlier = full_request();
  earlier.set_pmk("not a PMK");
  earlier.set_count(7);
  const std::string unknown = test::wire_octets("c23e03010203");  // field 1000, three octets
  const std::string group = test::wire_octets("cb3e0801cc3e");    // field 1001, deprecated
  const std::string other_type = test::wire_octets("2005");       // pmk as a varint
  const v1::DeriveBatchRequest request = full_request();
  const ParsedColumns parsed(unknown + earlier.SerializeAsString() + other_type + group +
                             request.SerializeAsString());
  ASSERT_EQ(parsed.status, Status());
  expect_same(parsed.request.batch(), request);
}

TEST(Columns, OctetsThatAreNoMessageAreRefused) {
  const std::string good = full_request().SerializeAsString();
  const std::string malformed[] = {
      good + '\0',                                       // field 0
      good + test::wire_octets("22"),                    // a column without a length
      good + test::wire_octets("2205010203"),            // a column of more octets than there are
      good + test::wire_octets("22ffffffff07"),          // of 2 GiB
      good + test::wire_octets("22ffffffff0f"),          // of 4 GiB
      good + test::wire_octets("18"),                    // a number without octets
      good + test::wire_octets("120208"),                // options that are cut off
      good + test::wire_octets("12020880"),              // options with a number that is
      good + test::wire_octets("1c"),                    // the end of a group that has not begun
      good + test::wire_octets("cb3e"),                  // a group without an end
      good + test::wire_octets("1e"),                    // a type of field that there is not
      good + test::wire_octets("98fe97fe97f897f46801"),  // a tag of nine octets
      good + test::wire_octets("ffffffffffffffffffff01"),
  };
  for (const std::string& octets : malformed) {
    v1::DeriveBatchRequest message;
    EXPECT_FALSE(message.ParseFromString(octets));
    const Status status = ParsedColumns(octets).status;
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_EQ(status.message(),
              "request: expected a DeriveBatchRequest in Protocol Buffers, found other octets");
  }
}

TEST(Columns, TakesTheRequestsChoices) {
  v1::DeriveBatchRequest request = full_request();
  request.set_priority(v1::PRIORITY_BACKGROUND);
  request.mutable_options()->set_nonce_first(true);
  request.add_tek_counters(65'535);
  request.add_outputs(v1::KEY_KIND_TEK);
  request.add_outputs(v1::KEY_KIND_AK);
  request.add_outputs(v1::KEY_KIND_AK);
  const ParsedColumns parsed(request);
  ASSERT_EQ(parsed.status, Status());
  EXPECT_EQ(parsed.request.priority(), scheduler::Priority::kBackground);
  EXPECT_TRUE(parsed.request.batch().options().nonce_first);
  EXPECT_EQ(parsed.request.batch().outputs(), KeySet({KeyKind::kAk, KeyKind::kTek}));
  ASSERT_EQ(parsed.request.batch().tek_counters().size(), 1U);
  EXPECT_EQ(parsed.request.batch().tek_counters()[0], 65'535);
}

TEST(Columns, TheDefaultProfileIs16mDraft) {
  v1::DeriveBatchRequest request = full_request();
  request.set_profile(v1::PROFILE_UNSPECIFIED);
  const ParsedColumns parsed(request);
  ASSERT_EQ(parsed.status, Status());
  EXPECT_EQ(parsed.request.batch().profile(), Profile::k16mDraft);
}

struct NamedColumn {
  const char* name;
  std::string* (v1::DeriveBatchRequest::*field)();
  const char* expected;
};

class EveryColumn : public ::testing::TestWithParam<NamedColumn> {};

TEST_P(EveryColumn, TooShortTooLongOrEmptyIsRefused) {
  const NamedColumn& column = GetParam();
  const std::function<void(std::string*)> breakages[] = {
      [](std::string* octets) { octets->pop_back(); },
      [](std::string* octets) { octets->push_back('\0'); },
      [](std::string* octets) { octets->clear(); },
  };
  for (const auto& broken : breakages) {
    v1::DeriveBatchRequest request = full_request();
    std::string* octets = (request.*column.field)();
    broken(octets);
    expect_refused(request, std::string(column.name) + ": expected " + column.expected);
    expect_refused(request, "found " + std::to_string(octets->size()) + " octet");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Columns, EveryColumn,
    ::testing::Values(
        NamedColumn{"pmk", &v1::DeriveBatchRequest::mutable_pmk, "60 octets (3 x 20) or 20 octets"},
        NamedColumn{"msid", &v1::DeriveBatchRequest::mutable_msid, "18 octets (3 x 6) or 6 octets"},
        NamedColumn{"bsid", &v1::DeriveBatchRequest::mutable_bsid, "18 octets (3 x 6) or 6 octets"},
        NamedColumn{"nonce", &v1::DeriveBatchRequest::mutable_nonce,
                    "24 octets (3 x 8) or 8 octets"},
        NamedColumn{"cmac_key_count", &v1::DeriveBatchRequest::mutable_cmac_key_count,
                    "6 octets (3 x 2) or 2 octets"},
        NamedColumn{"ak_sn", &v1::DeriveBatchRequest::mutable_ak_sn, "3 octets (3 x 1) or 1 octet"},
        NamedColumn{"saids", &v1::DeriveBatchRequest::mutable_saids, "6 octets (6 SAs x 1)"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(Columns, SaCountsMustMatchTheItemsAndTheSaids) {
  v1::DeriveBatchRequest request = full_request();
  request.set_sa_counts(std::string(2, '\x03'));
  expect_refused(request, "sa_counts: expected 3 octets or none (one SA each), found 2 octets");
  request.set_sa_counts(std::string(4, '\x01'));
  expect_refused(request, "sa_counts: expected 3 octets or none (one SA each), found 4 octets");
  request.set_sa_counts(test::wire_octets("020203"));
  expect_refused(request, "saids: expected 7 octets (7 SAs x 1), found 6 octets");
  request.clear_sa_counts();
  expect_refused(request, "saids: expected 3 octets (3 SAs x 1), found 6 octets");
}

TEST(Columns, WideSaidsTakeTwoOctets) {
  v1::DeriveBatchRequest request = full_request();
  request.mutable_options()->set_said_octets(2);
  expect_refused(request, "saids: expected 12 octets (6 SAs x 2), found 6 octets");
}

TEST(Columns, ANonceThatTheProfileLacksIsRefused) {
  v1::DeriveBatchRequest request = known_columns(v1::PROFILE_LEGACY_16E, 3);
  ASSERT_EQ(check(request), Status());
  request.set_nonce(test::kNonceBs);
  expect_refused(request, "nonce: expected 0 octets");
}

TEST(Columns, CountZeroIsAnEmptyAnswer) {
  v1::DeriveBatchRequest request;
  request.set_sequence(9);
  const ParsedColumns parsed(request);
  ASSERT_EQ(parsed.status, Status());
  const v1::DeriveBatchResponse response = answer_to(parsed);
  EXPECT_EQ(response.count(), 0U);
  EXPECT_EQ(response.sequence(), 9U);
  EXPECT_EQ(response.profile(), v1::PROFILE_16M_DRAFT);
  EXPECT_TRUE(response.codes().empty());
  EXPECT_TRUE(response.ak().empty());
}

TEST(Columns, TooManyAmssAreRefused) {
  EXPECT_EQ(check(known_columns(v1::PROFILE_16M_DRAFT, 65'536)), Status());
  expect_refused(known_columns(v1::PROFILE_16M_DRAFT, 65'537),
                 "count: expected at most 65536 AMSs in one request, found 65537");
  v1::DeriveBatchRequest request;
  request.set_count(UINT32_MAX);
  expect_refused(request, "count: expected at most 65536");
}

TEST(Columns, TooManyTeksAreRefusedUnlessNoneIsAskedFor) {
  constexpr std::uint32_t kItems = 40'000;
  v1::DeriveBatchRequest request = known_columns(v1::PROFILE_16M_DRAFT, kItems);
  request.set_sa_counts(std::string(kItems, '\x0e'));
  std::string saids;
  for (std::uint32_t i = 0; i < kItems; ++i)
    saids += test::wire_octets("0102030405060708090a0b0c0d0e");
  request.set_saids(saids);
  for (std::uint32_t i = 0; i < 15; ++i) request.add_tek_counters(i);
  static_assert(std::uint64_t{kItems} * 14 * 15 > kMaxRequestTeks);
  expect_refused(request,
                 "saids: expected at most 8388608 TEKs in one request, found 8400000 (560000 SAs x "
                 "15 counters)");
  request.add_outputs(v1::KEY_KIND_AK);
  EXPECT_EQ(check(request), Status());
}

TEST(Columns, UnknownChoicesAreRefused) {
  v1::DeriveBatchRequest request = full_request();
  request.set_profile(static_cast<v1::Profile>(4));
  expect_refused(request, "profile: expected a known profile (0 to 3), found 4");

  request = full_request();
  request.mutable_options()->set_said_octets(3);
  expect_refused(request, "options.said_octets: expected 1 or 2, found 3");
  request.mutable_options()->set_said_octets(0);
  request.mutable_options()->set_msid_privacy_off(true);
  expect_refused(request, "options.msid_privacy_off: 16m-draft has no such option");

  request = full_request();
  request.add_outputs(static_cast<v1::KeyKind>(8));
  expect_refused(request, "outputs: expected known kinds of key (1 to 7), found 8");
  request.set_outputs(0, v1::KEY_KIND_UNSPECIFIED);
  expect_refused(request, "outputs: expected known kinds of key (1 to 7), found 0");
  request.set_outputs(0, v1::KEY_KIND_KEK);
  expect_refused(request, "outputs: expected keys that 16m-draft yields, found kek");

  request = full_request();
  request.set_priority(static_cast<v1::Priority>(2));
  expect_refused(request, "priority: expected a known priority (0 or 1), found 2");
}

TEST(Columns, BadTekCountersAreRefused) {
  v1::DeriveBatchRequest request = full_request();
  for (std::uint32_t i = 0; i < 16; ++i) request.add_tek_counters(i);
  EXPECT_EQ(check(request), Status());
  request.add_tek_counters(16);
  expect_refused(request, "tek_counters: expected at most 16, found 17");
  request.clear_tek_counters();
  request.add_tek_counters(65'536);
  expect_refused(request, "tek_counters: expected values of 0 to 65535, found 65536");
  request.set_tek_counters(0, 5);
  request.add_tek_counters(5);
  expect_refused(request, "tek_counters: expected different values, found 5 twice");
}

TEST(Columns, ABadItemFailsAlone) {
  v1::DeriveBatchRequest request = full_request();
  request.set_ak_sn(test::wire_octets("011001"));
  request.set_saids(test::wire_octets("010203040606"));
  const ParsedColumns parsed(request);
  ASSERT_EQ(parsed.status, Status());
  const v1::DeriveBatchResponse response = answer_to(parsed);
  EXPECT_EQ(response.codes(), test::wire_octets("000303"));
}

TEST(Columns, TheAnswerHasTheColumnsThatWereAskedFor) {
  v1::DeriveBatchRequest request = full_request();
  request.add_outputs(v1::KEY_KIND_AK);
  request.add_outputs(v1::KEY_KIND_TEK);
  request.set_sequence(77);
  const ParsedColumns parsed(request);
  ASSERT_EQ(parsed.status, Status());
  ColumnsAnswer answer(parsed.request.batch());
  EXPECT_TRUE(answer.result().akid.empty());
  std::ranges::fill(answer.result().ak, 0xA1);
  std::ranges::fill(answer.result().teks, 0xA2);
  const v1::DeriveBatchResponse response = message_of(parsed.request, std::move(answer));
  EXPECT_EQ(response.sequence(), 77U);
  EXPECT_EQ(response.count(), 3U);
  EXPECT_EQ(response.codes(), std::string(3, '\0'));
  EXPECT_EQ(response.ak(), std::string(3 * kAkOctets, '\xA1'));
  EXPECT_EQ(response.teks(), std::string(6 * 2 * kTekOctets, '\xA2'));
  EXPECT_TRUE(response.akid().empty());
  EXPECT_TRUE(response.kek().empty());
}

TEST(Columns, AnAnswerIsWhatProtocolBuffersWouldWrite) {
  for (const std::uint32_t count : {1U, 2U, 127U, 128U, 1'000U, 20'000U}) {
    const ParsedColumns parsed(known_columns(v1::PROFILE_16M_DRAFT, count));
    ASSERT_EQ(parsed.status, Status());
    ColumnsAnswer answer(parsed.request.batch());
    std::string* (v1::DeriveBatchResponse::*fields[])() = {
        &v1::DeriveBatchResponse::mutable_msid_star,  &v1::DeriveBatchResponse::mutable_ak,
        &v1::DeriveBatchResponse::mutable_akid,       &v1::DeriveBatchResponse::mutable_cmac_key_u,
        &v1::DeriveBatchResponse::mutable_cmac_key_d, &v1::DeriveBatchResponse::mutable_kek,
        &v1::DeriveBatchResponse::mutable_teks};
    v1::DeriveBatchResponse expected = answer_head(parsed.request);
    expected.set_codes(std::string(count, '\0'));
    std::uint8_t mark = 1;
    for (const KeyKind kind : kAllKeyKinds) {
      const Octets column = answer.result().column(kind);
      std::ranges::fill(column, mark);
      *(expected.*fields[static_cast<std::size_t>(kind)])() =
          std::string(column.size(), static_cast<char>(mark++));
    }
    const WipedOctets columns = answer.take();
    EXPECT_EQ(answer_head(parsed.request).SerializeAsString() + text(columns.octets()),
              expected.SerializeAsString());
  }
}

}  // namespace
}  // namespace rekey::wire
