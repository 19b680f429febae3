// SPDX-License-Identifier: Apache-2.0
#include "engines/interleave.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace rekey::bench {
namespace {

using testing::DoubleEq;
using testing::Each;
using testing::ElementsAre;
using testing::Gt;
using testing::SizeIs;

TEST(Summary, IsMedianAndExtremes) {
  const Summary odd = summarize({3, 1, 2});
  EXPECT_DOUBLE_EQ(odd.median, 2);
  EXPECT_DOUBLE_EQ(odd.min, 1);
  EXPECT_DOUBLE_EQ(odd.max, 3);
  EXPECT_DOUBLE_EQ(summarize({4, 1, 2, 3}).median, 2.5);
  EXPECT_DOUBLE_EQ(summarize({7}).median, 7);
}

// A machine that halves its speed in one round halves both rates of that round.
TEST(Ratios, AreTakenRoundByRound) {
  const std::vector<double> rates = {20, 10, 30};
  const std::vector<double> baseline = {10, 5, 10};
  EXPECT_THAT(ratios(rates, baseline), ElementsAre(DoubleEq(2), DoubleEq(2), DoubleEq(3)));
}

TEST(Plan, SpreadsTheTimeOverAtLeastFiveRounds) {
  const Plan second = Plan::for_seconds(1);
  EXPECT_EQ(second.rounds, 20U);
  EXPECT_EQ(second.slice, std::chrono::milliseconds(50));
  const Plan tiny = Plan::for_seconds(0.005);
  EXPECT_EQ(tiny.rounds, 5U);
  EXPECT_EQ(tiny.slice, std::chrono::milliseconds(1));
}

TEST(Interleave, TakesTurnsAndRotatesWhoBegins) {
  std::string calls;
  const std::vector<std::function<Status()>> tasks = {
      [&] { return calls += 'a', Status(); },
      [&] { return calls += 'b', Status(); },
      [&] { return calls += 'c', Status(); },
  };
  std::vector<std::vector<double>> rates;
  const Plan one_call_a_slice{4, std::chrono::nanoseconds(0)};
  ASSERT_TRUE(measure_interleaved(tasks, one_call_a_slice, &rates).ok());
  EXPECT_EQ(calls, "abcbcacababc");
  EXPECT_THAT(rates, SizeIs(3));
  EXPECT_THAT(rates, Each(SizeIs(4)));
  for (const auto& rounds : rates) EXPECT_THAT(rounds, Each(Gt(0)));
}

TEST(Interleave, FillsTheSlice) {
  int calls = 0;
  const std::vector<std::function<Status()>> tasks = {[&] { return ++calls, Status(); }};
  std::vector<std::vector<double>> rates;
  ASSERT_TRUE(measure_interleaved(tasks, {1, std::chrono::milliseconds(2)}, &rates).ok());
  EXPECT_GT(calls, 1);
  EXPECT_LE(rates[0][0], calls / 0.002);
}

TEST(Interleave, StopsAtTheFirstFailure) {
  int calls = 0;
  const std::vector<std::function<Status()>> tasks = {
      [&] { return Status(Code::kInternal, "broken"); },
      [&] { return ++calls, Status(); },
  };
  std::vector<std::vector<double>> rates;
  EXPECT_EQ(measure_interleaved(tasks, {3, std::chrono::nanoseconds(0)}, &rates).message(),
            "broken");
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace rekey::bench
