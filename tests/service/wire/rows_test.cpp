// SPDX-License-Identifier: Apache-2.0
#include "wire/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "service/support/parsed_rows.h"
#include "service/support/requests.h"
#include "wire/limits.h"

namespace rekey::wire {
namespace {

using test::known_row;
using test::known_rows;
using test::ParsedRows;
using ::testing::HasSubstr;

void expect_refused(const v1::DeriveRequest& request, const std::string& message) {
  const Status status = ParsedRows(request).status;
  EXPECT_EQ(status.code(), Code::kInvalidArgument) << message;
  EXPECT_THAT(status.message(), HasSubstr(message));
}

v1::DeriveResponse answer_of(const RowsRequest& rows) {
  v1::DeriveResponse response = rows.answer_head();
  const WipedOctets octets = rows.answer();
  EXPECT_TRUE(response.MergeFromString(
      {reinterpret_cast<const char*>(octets.octets().data()), octets.size()}));
  return response;
}

/// Breaks the middle one of three rows, and expects that it fails alone with `message`.
void expect_row_fails(v1::Profile profile, const v1::ProfileOptions& options,
                      const std::function<void(v1::AmsInput*)>& broken,
                      const std::string& message) {
  SCOPED_TRACE(message);
  v1::DeriveRequest request = known_rows(profile, 3);
  *request.mutable_options() = options;
  broken(request.mutable_items(1));
  ParsedRows parsed(request);
  ASSERT_EQ(parsed.status, Status());
  RowsRequest& rows = parsed.request;
  EXPECT_EQ(rows.batch().count(), 2U);
  EXPECT_EQ(rows.batch().failed(), 0U);
  const BatchResult results = rows.begin_results();
  for (KeyKind kind : kAllKeyKinds) std::ranges::fill(results.column(kind), std::uint8_t{0xAB});

  const v1::DeriveResponse response = answer_of(rows);
  ASSERT_EQ(response.items_size(), 3);
  for (int i : {0, 2}) {
    EXPECT_EQ(response.items(i).code(), 0);
    EXPECT_EQ(response.items(i).message(), "");
    EXPECT_EQ(response.items(i).ak(), std::string(kAkOctets, '\xAB'));
  }
  const v1::AmsKeys& failed = response.items(1);
  EXPECT_EQ(failed.code(), 3);
  EXPECT_EQ(failed.message(), message);
  EXPECT_EQ(failed.reference(), "ams-1");
  EXPECT_EQ(failed.msid_star() + failed.ak() + failed.akid() + failed.cmac_key_u() +
                failed.cmac_key_d() + failed.kek(),
            "");
  EXPECT_EQ(failed.teks_size(), 0);
}

void expect_row_fails(const std::function<void(v1::AmsInput*)>& broken,
                      const std::string& message) {
  expect_row_fails(v1::PROFILE_16M_DRAFT, {}, broken, message);
}

TEST(Rows, OctetsOfTheWrongLengthFailAlone) {
  const auto with = [](auto setter, std::size_t octets) {
    return [=](v1::AmsInput* row) { (row->*setter)()->assign(octets, 'x'); };
  };
  for (std::size_t octets : {0, 19, 21}) {
    expect_row_fails(with(&v1::AmsInput::mutable_pmk, octets),
                     "pmk: expected 20 octets, found " + std::to_string(octets));
  }
  for (std::size_t octets : {0, 5, 7}) {
    const std::string tail = ": expected 6 octets, found " + std::to_string(octets);
    expect_row_fails(with(&v1::AmsInput::mutable_msid, octets), "msid" + tail);
    expect_row_fails(with(&v1::AmsInput::mutable_bsid, octets), "bsid" + tail);
  }
  for (std::size_t octets : {0, 7, 9}) {
    expect_row_fails(with(&v1::AmsInput::mutable_nonce, octets),
                     "nonce: expected 8 octets, found " + std::to_string(octets));
  }
}

TEST(Rows, ANonceThatTheProfileLacksFailsAlone) {
  const auto with_nonce = [](v1::AmsInput* row) { row->set_nonce(test::kNonceAms); };
  expect_row_fails(v1::PROFILE_LEGACY_16E, {}, with_nonce, "nonce: expected 0 octets, found 8");

  v1::DeriveRequest request = known_rows(v1::PROFILE_16M_PUBLISHED, 2);
  request.mutable_options()->set_msid_privacy_off(true);
  request.mutable_items(0)->clear_nonce();
  ParsedRows parsed(request);
  ASSERT_EQ(parsed.status, Status());
  RowsRequest& rows = parsed.request;
  EXPECT_EQ(rows.batch().count(), 1U);
}

TEST(Rows, NumbersOutOfRangeFailAlone) {
  expect_row_fails([](v1::AmsInput* row) { row->set_ak_sn(16); },
                   "ak_sn: expected 0 to 15, found 16");
  expect_row_fails([](v1::AmsInput* row) { row->set_ak_sn(256); },
                   "ak_sn: expected 0 to 15, found 256");
  expect_row_fails([](v1::AmsInput* row) { row->set_cmac_key_count(65'536); },
                   "cmac_key_count: expected 0 to 65535, found 65536");
}

TEST(Rows, BadSaidsFailAlone) {
  expect_row_fails([](v1::AmsInput* row) { row->add_saids(256); },
                   "saids: expected 0 to 255, found 256");
  v1::ProfileOptions wide;
  wide.set_said_octets(2);
  expect_row_fails(
      v1::PROFILE_16M_DRAFT, wide, [](v1::AmsInput* row) { row->add_saids(65'536); },
      "saids: expected 0 to 65535, found 65536");
  expect_row_fails([](v1::AmsInput* row) { row->add_saids(1); },
                   "saids: expected different values, found 1 twice");
  expect_row_fails(
      [](v1::AmsInput* row) {
        row->clear_saids();
        for (std::uint32_t i = 0; i < 200; ++i) row->add_saids(i);
        row->add_saids(3);
      },
      "saids: expected different values, found 3 twice");
  expect_row_fails(
      v1::PROFILE_16M_PUBLISHED, wide,
      [](v1::AmsInput* row) {
        row->clear_saids();
        for (std::uint32_t i = 0; i < 256; ++i) row->add_saids(i);
      },
      "saids: expected at most 255, found 256");
  expect_row_fails(
      v1::PROFILE_LEGACY_16E, {}, [](v1::AmsInput* row) { row->add_saids(1); },
      "saids: expected none (legacy-16e derives no TEK), found 1");
}

TEST(Rows, ADuplicateInOneRowSaysNothingAboutTheNext) {
  v1::DeriveRequest request = known_rows(v1::PROFILE_16M_DRAFT, 3);
  request.mutable_items(0)->add_saids(1);
  ParsedRows parsed(request);
  ASSERT_EQ(parsed.status, Status());
  RowsRequest& rows = parsed.request;
  EXPECT_EQ(rows.batch().count(), 2U);
}

TEST(Rows, TheFullNumberOfSasIsFine) {
  v1::DeriveRequest request = known_rows(v1::PROFILE_16M_DRAFT);
  request.mutable_items(0)->clear_saids();
  for (std::uint32_t i = 0; i < 255; ++i) request.mutable_items(0)->add_saids(i);
  ParsedRows parsed(request);
  ASSERT_EQ(parsed.status, Status());
  RowsRequest& rows = parsed.request;
  EXPECT_EQ(rows.batch().total_sas(), 255U);
}

TEST(Rows, RequestsMalformedAsAWholeAreRefused) {
  v1::DeriveRequest request = known_rows(v1::PROFILE_16M_DRAFT);
  request.set_profile(static_cast<v1::Profile>(99));
  expect_refused(request, "profile: expected a known profile (0 to 3), found 99");

  request = known_rows(v1::PROFILE_16M_PUBLISHED);
  request.mutable_options()->set_nonce_first(true);
  expect_refused(request, "options.nonce_first: 16m-published has no such option");
  request.mutable_options()->set_nonce_first(false);
  request.mutable_options()->set_said_octets(9);
  expect_refused(request, "options.said_octets: expected 1 or 2, found 9");

  request = known_rows(v1::PROFILE_16M_DRAFT);
  for (std::uint32_t i = 0; i < 17; ++i) request.add_tek_counters(i);
  expect_refused(request, "tek_counters: expected at most 16, found 17");
  request.clear_tek_counters();
  request.add_tek_counters(70'000);
  expect_refused(request, "tek_counters: expected values of 0 to 65535, found 70000");

  request = known_rows(v1::PROFILE_LEGACY_16E);
  request.add_tek_counters(0);
  expect_refused(request, "tek_counters: expected none (legacy-16e derives no TEK), found 1");

  request = known_rows(v1::PROFILE_16M_DRAFT);
  request.set_priority(static_cast<v1::Priority>(-1));
  expect_refused(request, "priority: expected a known priority (0 or 1), found -1");
}

TEST(Rows, TooManyRowsOrTeksAreRefused) {
  v1::DeriveRequest request;
  for (std::uint32_t i = 0; i <= kMaxRequestItems; ++i) request.add_items();
  expect_refused(request, "items: expected at most 65536 AMSs in one request, found 65537");

  request.Clear();
  v1::AmsInput row = known_row(v1::PROFILE_16M_DRAFT);
  row.clear_saids();
  for (std::uint32_t i = 0; i < 255; ++i) row.add_saids(i);
  for (int i = 0; i < 4'200; ++i) *request.add_items() = row;
  request.add_tek_counters(0);
  expect_refused(request,
                 "items.saids: expected at most 1048576 TEKs in one request, found 1071000 "
                 "(1071000 SAs x 1 counters)");
}

TEST(Rows, NoRowsAndNoGoodRowsGiveAnAnswerWithoutKeys) {
  for (int count : {0, 2}) {
    v1::DeriveRequest request = known_rows(v1::PROFILE_UNSPECIFIED, count);
    for (v1::AmsInput& row : *request.mutable_items()) row.clear_pmk();
    ParsedRows parsed(request);
    ASSERT_EQ(parsed.status, Status());
    RowsRequest& rows = parsed.request;
    EXPECT_EQ(rows.batch().count(), 0U);
    rows.begin_results();
    const v1::DeriveResponse response = answer_of(rows);
    EXPECT_EQ(response.profile(), v1::PROFILE_16M_DRAFT);
    ASSERT_EQ(response.items_size(), count);
    for (const v1::AmsKeys& keys : response.items()) EXPECT_EQ(keys.code(), 3);
  }
}

TEST(Rows, ColumnsHoldTheRowsInOrder) {
  v1::DeriveRequest request = known_rows(v1::PROFILE_16M_DRAFT, 2);
  request.mutable_options()->set_said_octets(2);
  request.mutable_items(0)->set_cmac_key_count(0x1234);
  request.mutable_items(1)->set_ak_sn(15);
  request.mutable_items(1)->add_saids(0xABCD);
  ParsedRows parsed(request);
  ASSERT_EQ(parsed.status, Status());
  RowsRequest& rows = parsed.request;
  const CheckedBatch& batch = rows.batch();
  ASSERT_EQ(batch.count(), 2U);
  EXPECT_EQ(batch.cmac_key_count().at(0)[0], 0x12);
  EXPECT_EQ(batch.cmac_key_count().at(0)[1], 0x34);
  EXPECT_EQ(*batch.ak_sn().at(1), 15);
  EXPECT_EQ(batch.sa_count(1), 2U);
  EXPECT_EQ(std::string(batch.saids().begin(), batch.saids().end()),
            test::wire_octets("00010001ABCD"));
}

TEST(Rows, EachRowGetsItsOwnTeks) {
  v1::DeriveRequest request = known_rows(v1::PROFILE_16M_DRAFT, 4);
  request.mutable_items(0)->clear_saids();
  request.mutable_items(1)->clear_pmk();
  request.mutable_items(3)->add_saids(9);
  request.add_tek_counters(7);
  request.add_tek_counters(4);
  ParsedRows parsed(request);
  ASSERT_EQ(parsed.status, Status());
  RowsRequest& rows = parsed.request;
  const BatchResult results = rows.begin_results();
  for (std::size_t i = 0; i < results.teks.size(); ++i) {
    results.teks[i] = static_cast<std::uint8_t>(i / kTekOctets + 1);
  }
  const v1::DeriveResponse response = answer_of(rows);
  EXPECT_EQ(response.items(0).teks_size(), 0);
  EXPECT_EQ(response.items(1).teks_size(), 0);
  ASSERT_EQ(response.items(2).teks_size(), 2);
  ASSERT_EQ(response.items(3).teks_size(), 4);

  const auto expect_tek = [](const v1::Tek& tek, unsigned said, unsigned counter, unsigned eks,
                             char key) {
    EXPECT_EQ(tek.said(), said);
    EXPECT_EQ(tek.counter(), counter);
    EXPECT_EQ(tek.eks(), eks);
    EXPECT_EQ(tek.key(), std::string(kTekOctets, key));
  };
  expect_tek(response.items(2).teks(0), 1, 7, 3, 1);
  expect_tek(response.items(2).teks(1), 1, 4, 0, 2);
  expect_tek(response.items(3).teks(0), 1, 7, 3, 3);
  expect_tek(response.items(3).teks(1), 1, 4, 0, 4);
  expect_tek(response.items(3).teks(2), 9, 7, 3, 5);
  expect_tek(response.items(3).teks(3), 9, 4, 0, 6);
}

/// Fills the results with marks, and returns the answer.
v1::DeriveResponse marked_answer(RowsRequest* rows) {
  const BatchResult results = rows->begin_results();
  std::uint8_t mark = 0;
  for (const KeyKind kind : kAllKeyKinds) {
    for (std::uint8_t& octet : results.column(kind)) octet = ++mark;
  }
  return answer_of(*rows);
}

TEST(Rows, AMessageInPiecesIsTheSame) {
  v1::DeriveRequest request = known_rows(v1::PROFILE_16M_DRAFT, 3);
  request.mutable_options()->set_said_octets(2);
  request.add_tek_counters(300);
  request.set_priority(v1::PRIORITY_BACKGROUND);
  request.mutable_items(1)->set_reference("the second");
  request.mutable_items(2)->add_saids(0xABCD);
  ParsedRows whole(request);
  ASSERT_EQ(whole.status, Status());
  const std::string expected = marked_answer(&whole.request).SerializeAsString();
  for (int piece = 1; piece < 80; ++piece) {
    ParsedRows parsed(request, piece);
    ASSERT_EQ(parsed.status, Status()) << piece;
    EXPECT_EQ(parsed.request.priority(), scheduler::Priority::kBackground);
    EXPECT_EQ(parsed.request.batch().options().said_octets, 2);
    EXPECT_EQ(parsed.request.batch().tek_counters()[0], 300);
    EXPECT_EQ(marked_answer(&parsed.request).SerializeAsString(), expected) << piece;
  }
}

TEST(Rows, TheLastOfEqualFieldsCountsAndUnknownOnesDoNot) {
  const std::string unknown = test::wire_octets("c23e03010203");  // field 1000, three octets
  const std::string group = test::wire_octets("cb3e0801cc3e");    // field 1001, deprecated
  const std::string other_type = test::wire_octets("0805");       // a row's pmk as a varint
  v1::AmsInput earlier;
  earlier.set_pmk("not a PMK");
  earlier.set_reference("another");
  v1::AmsInput row = known_row(v1::PROFILE_16M_DRAFT);
  row.clear_saids();
  row.set_reference("this one");
  const std::string saids = test::wire_octets("38013a0202033804");  // 1, packed 2 and 3, 4
  const std::string octets =
      earlier.SerializeAsString() + unknown + other_type + group + saids + row.SerializeAsString();
  const std::string message = unknown + test::wire_octets("0803") + group +  // legacy-16e
                              test::wire_octets("1a") + static_cast<char>(octets.size()) + octets +
                              test::wire_octets("0801");  // 16m-draft
  v1::DeriveRequest same;
  ASSERT_TRUE(same.ParseFromString(message));
  ASSERT_EQ(same.items(0).saids_size(), 4);
  ParsedRows parsed(message);
  ASSERT_EQ(parsed.status, Status());
  EXPECT_EQ(parsed.request.count(), 1U);
  EXPECT_EQ(parsed.request.batch().profile(), Profile::k16mDraft);
  EXPECT_EQ(parsed.request.batch().total_sas(), 4U);
  const v1::DeriveResponse response = marked_answer(&parsed.request);
  EXPECT_EQ(response.items(0).code(), 0);
  EXPECT_EQ(response.items(0).reference(), "this one");
  EXPECT_EQ(response.items(0).teks(6).said(), 4U);
}

TEST(Rows, OctetsThatAreNoMessageAreRefused) {
  const std::string good = known_rows(v1::PROFILE_16M_DRAFT).SerializeAsString();
  const std::string malformed[] = {
      good + '\0',                                       // field 0
      good + test::wire_octets("1a"),                    // a row without a length
      good + test::wire_octets("1a050a0101"),            // a row of more octets than there are
      good + test::wire_octets("1affffffff0f"),          // of 4 GiB
      good + test::wire_octets("1a020a05"),              // a PMK that goes beyond its row
      good + test::wire_octets("1a0128"),                // a number without octets
      good + test::wire_octets("1a033a0280"),            // packed SAIDs that are cut off
      good + test::wire_octets("1a0100"),                // field 0 in a row
      good + test::wire_octets("1a03420180"),            // a reference that is not UTF-8
      good + test::wire_octets("1a02cb3e"),              // a group in a row without an end
      good + test::wire_octets("08"),                    // a profile without octets
      good + test::wire_octets("120208"),                // options that are cut off
      good + test::wire_octets("22028080"),              // TEK counters that are
      good + test::wire_octets("98fe97fe97f897f46801"),  // a tag of nine octets
  };
  for (const std::string& octets : malformed) {
    v1::DeriveRequest message;
    EXPECT_FALSE(message.ParseFromString(octets));
    const Status status = ParsedRows(octets).status;
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_EQ(status.message(),
              "request: expected a DeriveRequest in Protocol Buffers, found other octets");
  }
}

}  // namespace
}  // namespace rekey::wire
