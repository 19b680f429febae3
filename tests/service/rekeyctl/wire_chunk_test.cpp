// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/wire_chunk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "wave/scenario.h"

namespace rekey::ctl {
namespace {

const Wanted kWanted{derived_keys(Profile::k16mDraft), {0, 5}};

/// Three AMSs with one, none and two SAs.
struct Example {
  Chunk chunk{wave::Rules{}};

  Example() {
    wave::WaveGenerator generator(wave::Scenario::kTrain, 1, {});
    const std::vector<std::vector<std::uint16_t>> saids = {{7}, {}, {1, 9}};
    for (const auto& list : saids) {
      wave::AmsRecord record = generator.next();
      record.saids = list;
      chunk.wave.append(record);
    }
  }
};

v1::DeriveBatchResponse good_columns() {
  v1::DeriveBatchResponse response;
  response.set_profile(v1::PROFILE_16M_DRAFT);
  response.set_count(3);
  response.set_codes(std::string("\0\3\0", 3));
  response.set_msid_star(std::string(3 * 6, 'm'));
  response.set_ak(std::string(3 * 20, 'a'));
  response.set_akid(std::string(3 * 8, 'i'));
  response.set_cmac_key_u(std::string(3 * 16, 'u'));
  response.set_cmac_key_d(std::string(3 * 16, 'd'));
  for (char tek = 0; tek < 6; ++tek) response.mutable_teks()->append(16, tek);
  response.mutable_served()->set_engine("simd");
  return response;
}

v1::DeriveResponse good_rows() {
  const Example example;
  v1::DeriveResponse response;
  response.set_profile(v1::PROFILE_16M_DRAFT);
  char tek = 0;
  for (std::size_t item = 0; item < 3; ++item) {
    v1::AmsKeys& row = *response.add_items();
    row.set_reference(std::string(example.chunk.wave.reference(item)));
    if (item == 1) {
      row.set_code(3);
      row.set_message("refused");
      continue;
    }
    row.set_msid_star(std::string(6, 'm'));
    row.set_ak(std::string(20, 'a'));
    row.set_akid(std::string(8, 'i'));
    row.set_cmac_key_u(std::string(16, 'u'));
    row.set_cmac_key_d(std::string(16, 'd'));
    for (std::uint32_t sa = 0; sa < example.chunk.wave.sa_count(item); ++sa) {
      for (const std::uint32_t counter : {0U, 5U}) {
        v1::Tek& wire = *row.add_teks();
        wire.set_said(example.chunk.wave.said(item, sa));
        wire.set_counter(counter);
        wire.set_eks(counter % 4);
        wire.set_key(std::string(16, tek++));
      }
    }
  }
  response.mutable_served()->set_engine("simd");
  return response;
}

template <typename Response>
void expect_taken(const Response& response) {
  Example example;
  ASSERT_EQ(take_response(response, kWanted, &example.chunk), Status{});
  const wave::DerivedKeys& keys = example.chunk.keys;
  EXPECT_EQ(example.chunk.engine, "simd");
  EXPECT_EQ(keys.code(0), 0);
  EXPECT_EQ(keys.code(1), 3);
  EXPECT_FALSE(keys.message(1).empty());
  EXPECT_EQ(keys.key(KeyKind::kAk, 2)[19], 'a');
  const ConstOctets teks = keys.teks(example.chunk.wave, 2);
  ASSERT_EQ(teks.size(), 4 * 16U);
  EXPECT_EQ(teks[0], 2);
  EXPECT_EQ(teks[63], 5);
}

TEST(WireChunk, TakesColumns) { expect_taken(good_columns()); }
TEST(WireChunk, TakesRows) { expect_taken(good_rows()); }

template <typename Response>
std::string error_after(Response response, const std::function<void(Response*)>& spoil) {
  spoil(&response);
  Example example;
  const Status status = take_response(response, kWanted, &example.chunk);
  EXPECT_EQ(status.code(), Code::kInternal);
  return status.message();
}

TEST(WireChunk, ChecksColumnsBeforeBelievingThem) {
  using R = v1::DeriveBatchResponse;
  const auto error = [](const std::function<void(R*)>& spoil) {
    return error_after<R>(good_columns(), spoil);
  };
  EXPECT_EQ(error([](R* r) { r->set_count(2); }), "answer: count: expected 3, found 2");
  EXPECT_EQ(error([](R* r) { r->mutable_codes()->pop_back(); }),
            "answer: codes: expected 3, found 2");
  EXPECT_EQ(error([](R* r) { r->mutable_ak()->pop_back(); }), "answer: ak: expected 60, found 59");
  EXPECT_EQ(error([](R* r) { r->mutable_teks()->push_back('x'); }),
            "answer: teks: expected 96, found 97");
  EXPECT_EQ(error([](R* r) { r->set_kek("x"); }), "answer: kek: expected 0, found 1");
  EXPECT_EQ(error([](R* r) { r->set_profile(v1::PROFILE_LEGACY_16E); }),
            "answer: profile: expected 1, found 3");
}

TEST(WireChunk, ChecksRowsBeforeBelievingThem) {
  using R = v1::DeriveResponse;
  const auto error = [](const std::function<void(R*)>& spoil) {
    return error_after<R>(good_rows(), spoil);
  };
  EXPECT_EQ(error([](R* r) { r->mutable_items()->RemoveLast(); }),
            "answer: items: expected 3, found 2");
  EXPECT_EQ(error([](R* r) { r->mutable_items(0)->set_ak("x"); }),
            "answer: ak: expected 20, found 1");
  EXPECT_EQ(error([](R* r) { r->mutable_items(2)->mutable_teks()->RemoveLast(); }),
            "answer: teks: expected 4, found 3");
  EXPECT_EQ(error([](R* r) { r->mutable_items(2)->mutable_teks(0)->set_said(2); }),
            "answer: teks.said: expected 1, found 2");
  EXPECT_EQ(error([](R* r) { r->mutable_items(2)->mutable_teks(1)->set_counter(1); }),
            "answer: teks.counter: expected 5, found 1");
  EXPECT_EQ(error([](R* r) { r->mutable_items(2)->mutable_teks(1)->set_eks(0); }),
            "answer: teks.eks: expected 1, found 0");
  EXPECT_EQ(error([](R* r) { r->mutable_items(0)->set_reference("other"); }),
            "answer: reference: expected that of the request, found another");
}

TEST(WireChunk, AsksInColumnsAndRowsForTheSame) {
  const Example example;
  v1::DeriveBatchRequest columns;
  fill_request(example.chunk.wave, kWanted, &columns);
  v1::DeriveRequest rows;
  fill_request(example.chunk.wave, kWanted, &rows);
  EXPECT_EQ(columns.profile(), v1::PROFILE_16M_DRAFT);
  EXPECT_EQ(columns.count(), 3U);
  EXPECT_EQ(columns.sa_counts(), std::string("\1\0\2", 3));
  EXPECT_EQ(columns.saids(), "\x07\x01\x09");
  EXPECT_EQ(columns.outputs_size(), 6);
  EXPECT_EQ(columns.tek_counters(1), 5U);
  ASSERT_EQ(rows.items_size(), 3);
  std::string pmk;
  std::string nonce;
  for (const v1::AmsInput& row : rows.items()) {
    pmk += row.pmk();
    nonce += row.nonce();
  }
  EXPECT_EQ(pmk, columns.pmk());
  EXPECT_EQ(nonce, columns.nonce());
  EXPECT_EQ(rows.items(0).cmac_key_count(),
            static_cast<std::uint32_t>(static_cast<unsigned char>(columns.cmac_key_count()[1])));
  EXPECT_EQ(rows.items(2).saids(1), 9U);
  EXPECT_EQ(rows.items(2).reference(), example.chunk.wave.reference(2));
}

}  // namespace
}  // namespace rekey::ctl
