// SPDX-License-Identifier: Apache-2.0
#include "dispatch/canary.h"

#include <gtest/gtest.h>

#include <set>

#include "service/support/dispatch_doubles.h"
#include "support/engine_doubles.h"

namespace rekey::dispatch {
namespace {

using test::BatchShape;
using test::TestJob;

/// Hides a canary among two jobs at a lane, derives them all and gives back the keys.
void expect_hidden(const test::Variant& variant, std::uint32_t lane) {
  BatchShape shape{.variant = variant, .count = 3, .sas = test::SaShape::kUnequal};
  TestJob one(shape, 1);
  shape.count = 2;
  TestJob two(shape, 2);
  std::vector<Part> parts = {{one.batch(), one.begin_results()},
                             {two.batch(), two.begin_results()}};
  Canary canary;
  ASSERT_EQ(canary.make(one.batch(), *make_openssl_engine()), Status());
  canary.hide(&parts, lane);
  MergedBatch merged;
  ASSERT_EQ(merged.load(parts), Status());
  ASSERT_EQ(merged.batch().count(), 6U);
  EXPECT_EQ(merged.batch().pmk().at(lane)[0], 0xEA) << "the canary is at its lane";
  ASSERT_EQ(make_openssl_ecb_engine()->derive(merged.batch(), merged.result()), Status());
  merged.split(parts);
  EXPECT_TRUE(canary.right());
  EXPECT_EQ(one.difference(), "");
  EXPECT_EQ(two.difference(), "");

  for (KeyKind kind : kAllKeyKinds) {
    const Octets column = merged.result().column(kind);
    if (column.empty() || kind == KeyKind::kTek) continue;
    column[lane * key_octets(kind)] ^= 1;
    merged.split(parts);
    EXPECT_FALSE(canary.right()) << to_string(kind);
    column[lane * key_octets(kind)] ^= 1;
  }
}

TEST(Canary, RidesAtAnyLaneOfAnyVariantAndHarmsNobody) {
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t lane = 0; lane <= 5; ++lane) expect_hidden(variant, lane);
  }
}

TEST(Canary, IsTheKnownAnswer) {
  TestJob job(BatchShape{});
  std::vector<Part> parts = {{job.batch(), job.begin_results()}};
  Canary canary;
  ASSERT_EQ(canary.make(job.batch(), *make_openssl_engine()), Status());
  canary.hide(&parts, 0);
  MergedBatch merged;
  ASSERT_EQ(merged.load(parts), Status());
  ASSERT_EQ(make_openssl_engine()->derive(merged.batch(), merged.result()), Status());
  const Octets ak = merged.result().ak.first(kAkOctets);
  EXPECT_EQ(ak[0], 0xa2) << "the AK of 16m-draft/1";
  EXPECT_EQ(ak[19], 0xbe);
}

TEST(Canaries, AskTheRefereeOnceForEachKindOfBatchUntilToldToForget) {
  const auto referee = make_openssl_engine();
  test::FailingEngine nobody;
  Canaries canaries;
  TestJob draft(BatchShape{});
  TestJob legacy(BatchShape{.variant = {Profile::kLegacy16e, {}}});
  Canary canary;
  EXPECT_FALSE(canaries.take(draft.batch(), nobody, &canary).ok());
  ASSERT_EQ(canaries.take(draft.batch(), *referee, &canary), Status());
  EXPECT_FALSE(canaries.take(legacy.batch(), nobody, &canary).ok()) << "another kind of batch";

  Canary again;
  ASSERT_EQ(canaries.take(draft.batch(), nobody, &again), Status());
  EXPECT_FALSE(again.right()) << "its own keys are not yet there";
  std::vector<Part> parts = {{draft.batch(), draft.begin_results()}};
  again.hide(&parts, 0);
  MergedBatch merged;
  ASSERT_EQ(merged.load(parts), Status());
  ASSERT_EQ(make_openssl_ecb_engine()->derive(merged.batch(), merged.result()), Status());
  merged.split(parts);
  EXPECT_TRUE(again.right());

  canaries.forget();
  EXPECT_FALSE(canaries.take(draft.batch(), nobody, &canary).ok());
}

TEST(CanaryTurn, ComesEverySoManyBatchesAtEveryLane) {
  CanaryTurn turn;
  std::set<std::uint32_t> lanes;
  std::uint32_t lane = 0;
  int canaries = 0;
  for (std::uint64_t i = 0; i < 10 * CanaryTurn::kPeriod; ++i) {
    if (!turn.next(4, &lane)) continue;
    ++canaries;
    EXPECT_LE(lane, 4U);
    lanes.insert(lane);
  }
  EXPECT_EQ(canaries, 10);
  EXPECT_EQ(lanes.size(), 5U);
}

}  // namespace
}  // namespace rekey::dispatch
