// SPDX-License-Identifier: Apache-2.0
#include "contexts/count_rule.h"

#include <gtest/gtest.h>

namespace rekey::contexts {
namespace {

constexpr std::uint32_t kLast = kMaxCmacKeyCount;

TEST(CountRule, ComparesWithTheContextThatIsHeld) {
  EXPECT_EQ(judge_count(4, 6, 5), CountVerdict::kStale);
  EXPECT_EQ(judge_count(5, 6, 5), CountVerdict::kCached);
  EXPECT_EQ(judge_count(6, 6, 5), CountVerdict::kFresh);
  EXPECT_EQ(judge_count(kLast, 6, 5), CountVerdict::kFresh);
}

TEST(CountRule, WithoutAContextOnlyWhatTheNetworkExpectsIsFresh) {
  EXPECT_EQ(judge_count(5, 6, std::nullopt), CountVerdict::kStale);
  EXPECT_EQ(judge_count(6, 6, std::nullopt), CountVerdict::kFresh);
}

TEST(CountRule, ACountThatMayHaveBeenUsedElsewhereIsStaleEvenAboveTheContextHeld) {
  EXPECT_EQ(judge_count(6, 8, 5), CountVerdict::kStale);
  EXPECT_EQ(judge_count(8, 8, 5), CountVerdict::kFresh);
  EXPECT_EQ(judge_count(5, 8, 5), CountVerdict::kCached);
}

TEST(CountRule, NeverFallsAndNeverWraps) {
  EXPECT_EQ(next_after(6, 5), 6U);
  EXPECT_EQ(next_after(6, 3), 6U);
  EXPECT_EQ(next_after(6, 9), 10U);
  EXPECT_EQ(next_after(6, kLast), kCountsSpent);
  EXPECT_EQ(judge_count(kLast, kCountsSpent, std::nullopt), CountVerdict::kStale);
  EXPECT_EQ(judge_count(0, kCountsSpent, kLast), CountVerdict::kStale);
  EXPECT_EQ(judge_count(kLast, kCountsSpent, kLast), CountVerdict::kCached);
}

TEST(CountRule, AsksForReauthenticationFromTheMarginOn) {
  EXPECT_FALSE(near_end(kCountsSpent - 10, 10));
  EXPECT_TRUE(near_end(kCountsSpent - 9, 10));
  EXPECT_TRUE(near_end(kCountsSpent, 1));
  EXPECT_FALSE(near_end(kCountsSpent, 0));
}

}  // namespace
}  // namespace rekey::contexts
