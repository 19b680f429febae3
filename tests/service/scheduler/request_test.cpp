// SPDX-License-Identifier: Apache-2.0
#include "scheduler/request.h"

#include <gtest/gtest.h>

namespace rekey::scheduler {
namespace {

Request request(std::uint32_t items, std::uint64_t octets = 0, std::uint64_t widest = 0,
                std::uint64_t effort = 0) {
  return {{.id = 1, .items = items, .octets = octets, .widest_octets = widest, .effort = effort},
          0,
          100,
          nullptr,
          nullptr};
}

TEST(Request, LeavesInOrder) {
  Request r = request(10);
  EXPECT_EQ(r.hand_out(4, 130), (Piece{1, 0, 4}));
  EXPECT_EQ(r.hand_out(6, 140), (Piece{1, 4, 6}));
  EXPECT_EQ(r.waiting(), 0U);
  EXPECT_EQ(r.out(), 10U);
  EXPECT_EQ(r.queue_us(999), 30U) << "until its first piece left";
  r.derived({1, 4, 6}, 0);
  EXPECT_FALSE(r.done());
  r.derived({1, 0, 4}, 0);
  EXPECT_TRUE(r.done());
}

TEST(Request, WhatFailedLeavesAgainFirstAndInOrder) {
  Request r = request(10);
  const Piece one = r.hand_out(2, 0);
  const Piece two = r.hand_out(3, 0);
  r.came_back(one);
  r.came_back(two);
  EXPECT_TRUE(r.next_is_again());
  EXPECT_EQ(r.next_run(), 2U);
  EXPECT_EQ(r.hand_out(1, 0), (Piece{1, 0, 1}));
  EXPECT_EQ(r.hand_out(1, 0), (Piece{1, 1, 1}));
  EXPECT_EQ(r.hand_out(3, 0), (Piece{1, 2, 3}));
  EXPECT_FALSE(r.next_is_again());
  EXPECT_EQ(r.hand_out(5, 0), (Piece{1, 5, 5}));
}

TEST(Request, WhatAnEngineDidWaitsAgainWhenItIsNotTrustedAnyMore) {
  Request r = request(10);
  for (const EngineId engine : {0U, 1U, 0U}) r.derived(r.hand_out(3, 0), engine);
  EXPECT_FALSE(r.distrust(2));
  EXPECT_TRUE(r.distrust(0));
  EXPECT_EQ(r.waiting(), 7U);
  EXPECT_EQ(r.hand_out(3, 0), (Piece{1, 0, 3}));
  EXPECT_EQ(r.hand_out(3, 0), (Piece{1, 6, 3}));
  EXPECT_EQ(r.hand_out(1, 0), (Piece{1, 9, 1}));
  EXPECT_FALSE(r.distrust(0)) << "once";
}

TEST(Request, CountsABatchThatFailedOnce) {
  Request r = request(10);
  EXPECT_EQ(r.failed_in(7), 1U);
  EXPECT_EQ(r.failed_in(7), 1U) << "two pieces of it were in that batch";
  EXPECT_EQ(r.failed_in(8), 2U);
}

TEST(Request, APartTakesTheWidestAmsInMemory) {
  const Request even = request(10, 1'000);
  EXPECT_EQ(even.octets_of(3), 300U);
  const Request uneven = request(10, 1'000, 400);
  EXPECT_EQ(uneven.octets_of(1), 400U);
  EXPECT_EQ(uneven.octets_of(3), 1'000U) << "never more than the whole";
  EXPECT_EQ(uneven.items_within(10, 1'000), 10U);
  EXPECT_EQ(uneven.items_within(10, 999), 2U);
  EXPECT_EQ(uneven.items_within(1, 999), 1U);
}

TEST(Request, EffortIsSharedOutEvenly) {
  const Request heavy = request(10, 0, 0, 35);
  EXPECT_EQ(heavy.effort_of(10), 35U);
  EXPECT_EQ(heavy.effort_of(1), 4U) << "rounded up";
  EXPECT_EQ(heavy.items_within(35, 0), 10U);
  EXPECT_EQ(heavy.items_within(7, 0), 2U);
  EXPECT_EQ(heavy.items_within(3, 0), 0U);
}

}  // namespace
}  // namespace rekey::scheduler
