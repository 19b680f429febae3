// SPDX-License-Identifier: Apache-2.0
#include "scheduler/callers.h"

#include <gtest/gtest.h>

namespace rekey::scheduler {
namespace {

constexpr std::array<std::uint64_t, 2> kAtTheStart = {0, 0};

/// Admits a caller with one request, which goes at once.
void visit(Callers& callers, const std::string& name, std::uint64_t now_us = 0) {
  Caller& caller = callers.admit(name, 1, 1, now_us, kAtTheStart);
  callers.release(caller, 1, 1);
}

TEST(Callers, KnowsWhoHoldsWork) {
  Callers callers({});
  EXPECT_EQ(callers.find("a"), nullptr);
  Caller& a = callers.admit("a", 10, 100, 0, kAtTheStart);
  EXPECT_EQ(callers.find("a"), &a);
  EXPECT_EQ(&callers.admit("a", 20, 200, 0, kAtTheStart), &a);
  callers.admit("b", 1, 1, 0, kAtTheStart);
  EXPECT_EQ(a.held, (Holding{2, 30, 300}));
  EXPECT_EQ(callers.held(), (Holding{3, 31, 301}));
  EXPECT_EQ(callers.active(), 2U);
  callers.release(a, 10, 100);
  EXPECT_EQ(callers.active(), 2U);
  callers.release(a, 20, 200);
  EXPECT_EQ(callers.active(), 1U);
  EXPECT_EQ(callers.held(), (Holding{1, 1, 1}));
}

TEST(Callers, SharesGoByName) {
  Shares shares;
  shares.each.weight = 2;
  shares.named["large"] = {.weight = 30, .items_per_s = 5, .burst_items = 5};
  Callers callers(shares);
  EXPECT_EQ(callers.admit("large", 1, 1, 0, kAtTheStart).flows[0].weight, 30U);
  EXPECT_TRUE(callers.admit("large", 1, 1, 0, kAtTheStart).bucket.has_value());
  EXPECT_EQ(callers.admit("other", 1, 1, 0, kAtTheStart).flows[1].weight, 2U);
  EXPECT_FALSE(callers.admit("other", 1, 1, 0, kAtTheStart).bucket.has_value());
}

TEST(Callers, OtherSharesHoldFromNowOn) {
  Shares shares;
  shares.named["a"] = {.weight = 2, .items_per_s = 1'000, .burst_items = 10};
  Callers callers(shares);
  Caller& a = callers.admit("a", 1, 1, 0, kAtTheStart);
  a.bucket->take(10, 0);
  shares.named["a"].weight = 7;
  callers.set_shares(shares, 0);
  EXPECT_EQ(a.flows[1].weight, 7U);
  EXPECT_GT(a.bucket->wait_us(0), 0U) << "the rate has not changed: what it took counts";
  shares.named["a"].burst_items = 20;
  callers.set_shares(shares, 0);
  EXPECT_TRUE(a.bucket->full(0));
  callers.set_shares({}, 0);
  EXPECT_FALSE(a.bucket.has_value());
  EXPECT_EQ(a.flows[0].weight, 1U);
}

TEST(Callers, ForgetsWhoHasNothingToBeRememberedFor) {
  Callers callers({});
  for (int i = 0; i < 10'000; ++i) visit(callers, std::to_string(i));
  EXPECT_LE(callers.remembered(), 2U);
}

TEST(Callers, RemembersWhoIsAheadOfItsShare) {
  Callers callers({});
  Caller& ahead = callers.admit("ahead", 1, 1, 0, kAtTheStart);
  ahead.flows[0].vtime = 1;
  callers.release(ahead, 1, 1);
  for (int i = 0; i < 100; ++i) visit(callers, std::to_string(i));
  EXPECT_NE(callers.find("ahead"), nullptr);
  callers.admit("late", 1, 1, 0, {1, 0});
  EXPECT_EQ(callers.find("ahead"), nullptr) << "the others have caught up";
}

TEST(Callers, RemembersWhoseBucketIsNotFull) {
  Shares shares;
  shares.each = {.items_per_s = 1'000, .burst_items = 10};
  Callers callers(shares);
  Caller& limited = callers.admit("limited", 1, 1, 0, kAtTheStart);
  limited.bucket->take(10, 0);
  callers.release(limited, 1, 1);
  visit(callers, "a", 9'000);
  EXPECT_NE(callers.find("limited"), nullptr);
  visit(callers, "b", 10'000);
  EXPECT_EQ(callers.find("limited"), nullptr);
}

TEST(Callers, RemembersABoundedNumber) {
  Shares shares;
  shares.each = {.items_per_s = 1, .burst_items = 10};
  Callers callers(shares);
  for (int i = 0; i < 10'000; ++i) {
    Caller& caller = callers.admit(std::to_string(i), 1, 1, 0, kAtTheStart);
    caller.bucket->take(5, 0);
    callers.release(caller, 1, 1);
  }
  EXPECT_LE(callers.remembered(), 1'100U);
}

}  // namespace
}  // namespace rekey::scheduler
