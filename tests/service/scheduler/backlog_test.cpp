// SPDX-License-Identifier: Apache-2.0
#include "scheduler/backlog.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

namespace rekey::scheduler {
namespace {

constexpr Priority kUrgent = Priority::kHandover;
constexpr std::uint64_t kLead = 100;
const GroupKey kDraft{.profile = Profile::k16mDraft};
const GroupKey kLegacy{.profile = Profile::kLegacy16e};

/// A backlog, its callers, and requests that are served one AMS at a time.
class BacklogTest : public ::testing::Test {
 protected:
  Caller& caller(const std::string& name, std::uint32_t weight = 1) {
    Caller& caller = callers_[name];
    caller.name = name;
    for (Flow& flow : caller.flows) flow.weight = weight;
    return caller;
  }

  Request& wait(Caller& caller, std::uint32_t items, const GroupKey& key = kDraft) {
    const WorkId id = requests_.size();
    requests_.emplace_back(Work{.id = id, .group = key, .items = items}, id, 0, &caller,
                           &backlog_.group(key));
    backlog_.add(requests_.back());
    return requests_.back();
  }

  void serve(Request& request, std::uint32_t items) {
    request.hand_out(items, 0);
    backlog_.served(request, items, true);
  }

  /// Serves `turns` times `items` AMSs of whose turn it is, and counts the AMSs by caller.
  std::map<std::string, std::uint32_t> serve_turns(int turns, std::uint32_t items) {
    std::map<std::string, std::uint32_t> served;
    for (int i = 0; i < turns; ++i) {
      Request& next = backlog_.first(kUrgent);
      served[next.caller().name] += items;
      serve(next, items);
    }
    return served;
  }

  std::map<std::string, Caller> callers_;
  std::deque<Request> requests_;
  Backlog backlog_{kLead};
};

TEST_F(BacklogTest, OneCallersWorkIsInOrderOfArrival) {
  Caller& a = caller("a");
  Request& one = wait(a, 1, kDraft);
  Request& two = wait(a, 1, kLegacy);
  Request& three = wait(a, 1, kDraft);
  EXPECT_EQ(&backlog_.first(kUrgent), &one);
  serve(one, 1);
  EXPECT_EQ(&backlog_.first(kUrgent), &two);
  EXPECT_EQ(backlog_.next_of(three.group(), kUrgent), &three);
  backlog_.remove(three);
  EXPECT_EQ(backlog_.waiting_effort(), 1U);
  serve(two, 1);
  EXPECT_TRUE(backlog_.empty());
}

TEST_F(BacklogTest, CallersTakeTurnsHoweverMuchEachHas) {
  wait(caller("flood"), 1'000);
  wait(caller("small"), 100);
  const auto served = serve_turns(100, 1);
  EXPECT_EQ(served.at("flood"), 50U);
  EXPECT_EQ(served.at("small"), 50U);
}

TEST_F(BacklogTest, WeightsAreKept) {
  wait(caller("one", 1), 1'000);
  wait(caller("three", 3), 1'000);
  const auto served = serve_turns(100, 4);
  EXPECT_NEAR(served.at("three"), 3 * served.at("one"), 12);
}

TEST_F(BacklogTest, WeightsAreKeptHoweverSmallTheTurns) {
  // A virtual time is a whole number: what a division drops with every turn adds up.
  wait(caller("700", 700), 200'000);
  wait(caller("1000", Share::kMaxWeight), 200'000);
  const auto served = serve_turns(170'000, 1);
  EXPECT_NEAR(served.at("700"), 70'000, 2);
}

TEST_F(BacklogTest, NobodySavesUpTurnsByBeingQuiet) {
  wait(caller("busy"), 1'000);
  serve_turns(500, 1);
  wait(caller("quiet"), 1'000);
  const auto served = serve_turns(100, 1);
  EXPECT_NEAR(served.at("quiet"), 50, 1);
}

TEST_F(BacklogTest, WhatIsDoneAgainIsNotChargedAndComesFirst) {
  Caller& a = caller("a");
  Request& one = wait(a, 10);
  Request& two = wait(a, 10);
  const Piece piece = one.hand_out(10, 0);
  backlog_.served(one, 10, true);
  const std::uint64_t vtime = a.flows[0].vtime;
  one.came_back(piece);
  backlog_.add(one);
  EXPECT_EQ(&backlog_.first(kUrgent), &one) << "before what came later";
  one.hand_out(10, 0);
  backlog_.served(one, 10, false);
  EXPECT_EQ(a.flows[0].vtime, vtime);
  EXPECT_EQ(&backlog_.first(kUrgent), &two);
}

TEST_F(BacklogTest, FillingUpABatchGetsNobodyFarAheadOfAnotherGroup) {
  Request& filler = wait(caller("filler"), 1'000, kDraft);
  wait(caller("other"), 1'000, kLegacy);
  std::uint32_t filled = 0;
  while (backlog_.next_of(filler.group(), kUrgent) != nullptr) {
    serve(filler, 10);
    filled += 10;
    ASSERT_LE(filled, kLead + 10);
  }
  EXPECT_GE(filled, kLead);
}

TEST_F(BacklogTest, WhatACallerWasServedOfOneGroupCountsInEveryOther) {
  Caller& busy = caller("busy");
  Caller& quiet = caller("quiet");
  Request& served = wait(busy, 10, kDraft);
  Request& early = wait(busy, 10, kLegacy);
  Request& late = wait(quiet, 10, kLegacy);
  EXPECT_EQ(backlog_.next_of(early.group(), kUrgent), &early);
  serve(served, 2);
  EXPECT_EQ(backlog_.next_of(early.group(), kUrgent), &late);
  serve(late, 5);
  EXPECT_EQ(backlog_.next_of(early.group(), kUrgent), &early);
  backlog_.remove(early);
  EXPECT_EQ(backlog_.next_of(late.group(), kUrgent), &late);
}

TEST_F(BacklogTest, ACallerMayHaveWorkOfManyGroups) {
  // With what grows with the square of them this takes minutes.
  constexpr std::uint16_t kGroups = 60'000;
  Caller& many = caller("many");
  for (std::uint16_t i = 0; i < kGroups; ++i) {
    wait(many, 1, {.tek_counters = {i}, .tek_counter_count = 1});
  }
  for (std::uint16_t i = 0; i < kGroups; ++i) {
    Request& next = backlog_.first(kUrgent);
    ASSERT_EQ(next.id(), i);
    ASSERT_EQ(backlog_.next_of(next.group(), kUrgent), &next);
    serve(next, 1);
  }
  EXPECT_TRUE(backlog_.empty());
}

TEST_F(BacklogTest, WithoutAnotherGroupABatchIsFilledToTheEnd) {
  Request& lone = wait(caller("lone"), 1'000);
  Group& group = lone.group();
  EXPECT_TRUE(backlog_.alone(group, kUrgent));
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(backlog_.next_of(group, kUrgent), &lone);
    serve(lone, 100);
  }
  EXPECT_EQ(backlog_.next_of(group, kUrgent), nullptr);
}

}  // namespace
}  // namespace rekey::scheduler
