// SPDX-License-Identifier: Apache-2.0
#include "scheduler/token_bucket.h"

#include <gtest/gtest.h>

namespace rekey::scheduler {
namespace {

TEST(TokenBucket, StartsFullAndFillsAtItsRate) {
  TokenBucket bucket(/*items_per_s=*/1'000, /*burst_items=*/10, 0);
  EXPECT_TRUE(bucket.full(0));
  bucket.take(10, 0);
  EXPECT_FALSE(bucket.full(9'999));
  EXPECT_TRUE(bucket.full(10'000));
  EXPECT_GT(bucket.wait_us(0), 0U);
  EXPECT_EQ(bucket.wait_us(1'000), 0U);
}

TEST(TokenBucket, ARequestLargerThanTheBurstIsLetInAndPaidForAfterwards) {
  TokenBucket bucket(1'000, 10, 0);
  EXPECT_EQ(bucket.wait_us(0), 0U);
  bucket.take(110, 0);
  const std::uint64_t wait_us = bucket.wait_us(0);
  EXPECT_GE(wait_us, 100'000U);
  EXPECT_LE(wait_us, 102'000U);
  EXPECT_EQ(bucket.wait_us(wait_us), 0U);
}

TEST(TokenBucket, HugeNumbersDoNotOverflow) {
  TokenBucket bucket(UINT64_MAX, UINT64_MAX, 0);
  bucket.take(UINT64_MAX, 1);
  EXPECT_TRUE(bucket.full(UINT64_MAX));
  TokenBucket slow(1, 1, 0);
  slow.take(UINT64_MAX, 0);
  EXPECT_GT(slow.wait_us(1'000'000), 0U);
}

}  // namespace
}  // namespace rekey::scheduler
