// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "columns/input_columns.h"
#include "columns/result_columns.h"
#include "columns/wiped_octets.h"

namespace rekey {
namespace {

std::vector<std::uint8_t> counting(std::size_t octets, std::uint8_t first) {
  std::vector<std::uint8_t> result(octets);
  std::iota(result.begin(), result.end(), first);
  return result;
}

/// A batch of three AMSs with 2, 0 and 1 SAs, and one BSID for all.
struct ThreeAms {
  std::vector<std::uint8_t> pmk = counting(60, 1), msid = counting(18, 2), bsid = counting(6, 3),
                            nonce = counting(24, 4), count = counting(6, 5), ak_sn = {1, 2, 3},
                            sa_counts = {2, 0, 1}, saids = {7, 8, 9};
  CheckedBatch batch;

  ThreeAms() {
    BatchInput input;
    input.count = 3;
    input.pmk = pmk;
    input.msid = msid;
    input.bsid = bsid;
    input.nonce = nonce;
    input.cmac_key_count = count;
    input.ak_sn = ak_sn;
    input.sa_counts = sa_counts;
    input.saids = saids;
    EXPECT_EQ(check_batch(input, &batch), Status());
  }
};

void expect_octets(ConstOctets left, ConstOctets right) {
  EXPECT_TRUE(std::ranges::equal(left, right));
}

void expect_same_item(const CheckedBatch& left, std::size_t left_item, std::size_t left_sa,
                      const CheckedBatch& right, std::size_t right_item, std::size_t right_sa) {
  const AmsOctets a = ams_octets(left, left_item, left_sa);
  const AmsOctets b = ams_octets(right, right_item, right_sa);
  expect_octets(a.pmk, b.pmk);
  expect_octets(a.msid, b.msid);
  expect_octets(a.bsid, b.bsid);
  expect_octets(a.nonce, b.nonce);
  expect_octets(a.cmac_key_count, b.cmac_key_count);
  expect_octets(a.ak_sn, b.ak_sn);
  expect_octets(a.saids, b.saids);
  EXPECT_EQ(a.sa_count, b.sa_count);
}

TEST(InputColumns, AppendsWholeBatchesAndSingleItems) {
  const ThreeAms three;
  InputColumns columns(Profile::k16mDraft, {}, 5, 8);
  columns.append_all(three.batch);
  columns.append(ams_octets(three.batch, 2, 2));
  columns.append(ams_octets(three.batch, 0, 0));
  BatchInput input = same_kind(three.batch);
  columns.point_input(&input);
  CheckedBatch joined;
  ASSERT_EQ(check_batch(input, &joined), Status());
  ASSERT_EQ(joined.count(), 5U);
  ASSERT_EQ(joined.total_sas(), 6U);
  expect_same_item(joined, 0, 0, three.batch, 0, 0);
  expect_same_item(joined, 1, 2, three.batch, 1, 2);
  expect_same_item(joined, 2, 2, three.batch, 2, 2);
  expect_same_item(joined, 3, 3, three.batch, 2, 2);
  expect_same_item(joined, 4, 4, three.batch, 0, 0);
}

TEST(InputColumns, PointsOnlyAtWhatWasAppended) {
  const ThreeAms three;
  InputColumns columns(Profile::k16mDraft, {}, 10, 100);
  columns.append_all(three.batch);
  BatchInput input;
  columns.point_input(&input);
  CheckedBatch joined;
  EXPECT_EQ(check_batch(input, &joined), Status());
  EXPECT_EQ(joined.count(), 3U);
}

TEST(InputColumns, LeavesOutWhatTheProfileLacks) {
  const ThreeAms three;
  InputColumns columns(Profile::kLegacy16e, {}, 1, 0);
  AmsOctets ams = ams_octets(three.batch, 1, 2);
  ams.nonce = {};
  columns.append(ams);
  BatchInput input;
  input.profile = Profile::kLegacy16e;
  columns.point_input(&input);
  CheckedBatch batch;
  EXPECT_EQ(check_batch(input, &batch), Status());
}

TEST(InputColumns, SameKindKeepsEveryChoice) {
  for (Profile profile : kAllProfiles) {
    BatchInput input;
    input.profile = profile;
    input.outputs = {KeyKind::kAk};
    CheckedBatch batch;
    ASSERT_EQ(check_batch(input, &batch), Status());
    CheckedBatch again;
    ASSERT_EQ(check_batch(same_kind(batch), &again), Status());
    EXPECT_EQ(again.profile(), profile);
    EXPECT_EQ(again.outputs(), input.outputs);
  }
}

TEST(ResultColumns, HasTheSizesOfTheBatchAndStartsZeroed) {
  const ThreeAms three;
  ResultColumns columns(three.batch);
  const BatchResult result = columns.spans();
  for (KeyKind kind : kAllKeyKinds) {
    EXPECT_EQ(result.column(kind).size(), three.batch.result_octets(kind));
    for (std::uint8_t octet : result.column(kind)) EXPECT_EQ(octet, 0);
  }
}

TEST(ResultColumns, SliceFindsAnItemsKeysAndTeks) {
  const ThreeAms three;
  ResultColumns columns(three.batch);
  const BatchResult whole = columns.spans();
  const BatchResult last =
      slice(whole, {.first_item = 2, .items = 1, .first_sa = 2, .sas = 1}, /*tek_counters=*/2);
  EXPECT_EQ(last.ak.data(), whole.ak.data() + 2 * kAkOctets);
  EXPECT_EQ(last.ak.size(), kAkOctets);
  EXPECT_EQ(last.teks.data(), whole.teks.data() + 4 * kTekOctets);
  EXPECT_EQ(last.teks.size(), 2 * kTekOctets);
  EXPECT_TRUE(last.kek.empty());
  const BatchResult without_sas =
      slice(whole, {.first_item = 1, .items = 1, .first_sa = 2, .sas = 0}, 2);
  EXPECT_TRUE(without_sas.teks.empty());
}

TEST(ResultColumns, CopyEqualAndWipeSeeEveryColumn) {
  const ThreeAms three;
  for (KeyKind kind : kAllKeyKinds) {
    ResultColumns left(three.batch);
    ResultColumns right(three.batch);
    EXPECT_TRUE(equal(left.spans(), right.spans()));
    if (left.spans().column(kind).empty()) continue;
    left.spans().column(kind).back() = 1;
    EXPECT_FALSE(equal(left.spans(), right.spans()));
    copy(left.spans(), right.spans());
    EXPECT_TRUE(equal(left.spans(), right.spans()));
    wipe(left.spans());
    EXPECT_EQ(left.spans().column(kind).back(), 0);
  }
}

TEST(WipedOctets, AreGivenAwayOnce) {
  WipedOctets octets(100);
  EXPECT_EQ(octets.size(), 100U);
  std::uint8_t* const here = octets.octets().data();
  WipedOctets moved = std::move(octets);
  std::uint8_t* const given = moved.release();
  EXPECT_EQ(given, here);
  EXPECT_EQ(moved.octets().data(), nullptr);
  free_wiped(given, 100);
}

}  // namespace
}  // namespace rekey
