// SPDX-License-Identifier: Apache-2.0
#include "simd/split_batch.h"

#include <gtest/gtest.h>

#include <string>

#include "support/batch_builder.h"

namespace rekey::simd {
namespace {

using test::BatchColumns;
using test::BatchShape;
using test::SaShape;

constexpr std::size_t kAbreast = 16;

/// A batch with the columns it refers to.
struct Checked {
  explicit Checked(const BatchShape& shape) : columns(BatchColumns::random(shape, 1)) {
    const Status status = check_batch(columns.input(), &batch);
    EXPECT_EQ(status, Status());
  }

  BatchColumns columns;
  CheckedBatch batch;
};

/// What is wrong with the ranges as a partition of the batch; empty when nothing is.
std::string mistake(const CheckedBatch& batch, const std::vector<BatchRange>& ranges) {
  std::size_t item = 0;
  std::size_t sa = 0;
  for (const BatchRange& range : ranges) {
    if (range.items == 0) return "an empty range";
    if (range.first_item != item) return "a range begins at " + std::to_string(range.first_item);
    if (range.first_sa != sa) return "its SAs begin at " + std::to_string(range.first_sa);
    for (std::size_t i = 0; i < range.items; ++i) sa += batch.sa_count(item++);
    if (item < batch.count() && range.items % kAbreast != 0) return "lanes left empty";
  }
  return item == batch.count() ? "" : "the ranges end at " + std::to_string(item);
}

TEST(SplitBatch, CoversEveryAmsOnce) {
  for (const std::uint32_t count : {1U, 15U, 16U, 17U, 255U, 256U, 257U, 5'000U, 20'003U}) {
    for (const SaShape sas : {SaShape::kOneByDefault, SaShape::kNone, SaShape::kUnequal}) {
      for (const KeySet outputs : {KeySet{}, KeySet{KeyKind::kAk}, KeySet{KeyKind::kTek}}) {
        for (const unsigned threads : {2U, 16U, 1'024U}) {
          const BatchShape shape = {.count = count, .sas = sas, .outputs = outputs};
          const Checked checked(shape);
          EXPECT_EQ(mistake(checked.batch, split_batch(checked.batch, kAbreast, threads)), "")
              << shape << ", " << threads << " threads";
        }
      }
    }
  }
}

TEST(SplitBatch, MakesRangesSmallerTowardsTheEnd) {
  const Checked checked({.count = 65'536});
  const auto ranges = split_batch(checked.batch, kAbreast, 2);
  ASSERT_GT(ranges.size(), 2U);
  EXPECT_EQ(ranges.front().items, kMaxRangeAms);
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    EXPECT_LE(ranges[i].items, ranges[i - 1].items) << "range " << i;
  }
  EXPECT_LE(ranges.back().items, kMinRangeAms);
  EXPECT_EQ(ranges[ranges.size() - 2].items, kMinRangeAms);
}

TEST(SplitBatch, LeavesMoreRangesThanThreads) {
  for (const unsigned threads : {2U, 4U, 8U}) {
    const Checked checked({.count = kMinSplitAms * 2});
    EXPECT_GT(split_batch(checked.batch, kAbreast, threads).size(), threads);
  }
}

TEST(SplitBatch, WeighsSecurityAssociations) {
  // All SAs are with the first 160 AMSs: these are ranges of their own, as small as can be.
  Checked checked({.count = 8'000, .sas = SaShape::kNone, .tek_counters = kMaxTekCounters});
  for (std::size_t item = 0; item < 160; ++item) {
    checked.columns.sa_counts[item] = 200;
    for (std::uint8_t said = 0; said < 200; ++said) checked.columns.saids.push_back(said);
  }
  ASSERT_EQ(check_batch(checked.columns.input(), &checked.batch), Status());
  const auto ranges = split_batch(checked.batch, kAbreast, 8);
  EXPECT_EQ(mistake(checked.batch, ranges), "");
  ASSERT_GT(ranges.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(ranges[i].items, kAbreast) << "range " << i;
  EXPECT_GT(ranges[10].items, kAbreast);
}

TEST(SplitBatch, IsWorthItFromTheThresholdOn) {
  EXPECT_FALSE(worth_splitting(Checked({.count = kMinSplitAms - 1}).batch));
  EXPECT_TRUE(worth_splitting(Checked({.count = kMinSplitAms}).batch));
  // Less is derived where no TEK is wanted.
  EXPECT_FALSE(worth_splitting(Checked({.count = kMinSplitAms, .outputs = {KeyKind::kAk}}).batch));
  // 80 AMSs of many TEKs are more work than so many usual ones.
  Checked few({.count = 80, .sas = SaShape::kNone, .tek_counters = kMaxTekCounters});
  EXPECT_FALSE(worth_splitting(few.batch));
  for (std::uint8_t& sas : few.columns.sa_counts) {
    sas = 60;
    for (std::uint8_t said = 0; said < 60; ++said) few.columns.saids.push_back(said);
  }
  ASSERT_EQ(check_batch(few.columns.input(), &few.batch), Status());
  EXPECT_TRUE(worth_splitting(few.batch));
}

}  // namespace
}  // namespace rekey::simd
