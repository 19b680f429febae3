// SPDX-License-Identifier: Apache-2.0
#include "contexts/timer_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace rekey::contexts {
namespace {

using Keys = std::vector<TimerWheel::Key>;
constexpr std::size_t kAll = SIZE_MAX;
constexpr std::uint64_t kBegin = 1'764'000'000'000;

Keys due(TimerWheel& wheel, std::uint64_t now) {
  Keys keys;
  wheel.advance(now, kAll, &keys);
  std::ranges::sort(keys);
  return keys;
}

TEST(TimerWheel, FiresWhatIsDueAndNothingElse) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 50; ++round) {
    std::uint64_t now = kBegin + random() % 100'000;
    TimerWheel wheel(now);
    std::map<TimerWheel::Key, std::uint64_t> model;
    for (int step = 0; step < 400; ++step) {
      const TimerWheel::Key key = random() % 40;
      switch (random() % 4) {
        case 0:
        case 1: {
          // From now to centuries away.
          const std::uint64_t at = now + (random() >> (random() % 48 + 16));
          wheel.set(key, at);
          model[key] = at;
          break;
        }
        case 2:
          wheel.clear(key);
          model.erase(key);
          break;
        default: {
          const std::uint64_t wake = wheel.wake_at();
          now = random() % 2 == 0 && wake != TimerWheel::kNoTimer
                    ? std::max(now, wake)
                    : now + (random() >> (random() % 48 + 16));
          Keys expected;
          for (const auto& [name, at] : model) {
            if (at <= now) expected.push_back(name);
          }
          for (const TimerWheel::Key name : expected) model.erase(name);
          ASSERT_EQ(due(wheel, now), expected);
        }
      }
      ASSERT_EQ(wheel.size(), model.size());
      for (const auto& [name, at] : model) ASSERT_LE(wheel.wake_at(), std::max(at, now));
    }
  }
}

TEST(TimerWheel, WhatHasPassedFiresAtOnceAndTimeNeverGoesBack) {
  TimerWheel wheel(kBegin);
  wheel.set(1, kBegin - 500);
  EXPECT_EQ(wheel.wake_at(), kBegin);
  EXPECT_EQ(due(wheel, kBegin), Keys{1});
  wheel.set(2, kBegin + 10);
  EXPECT_EQ(due(wheel, kBegin - 1'000), Keys{});
  EXPECT_EQ(due(wheel, kBegin + 10), Keys{2});
}

TEST(TimerWheel, TakesNoMoreThanItMay) {
  TimerWheel wheel(kBegin);
  for (TimerWheel::Key key = 0; key < 10; ++key) wheel.set(key, kBegin + 5);
  Keys keys;
  wheel.advance(kBegin + 5, 4, &keys);
  EXPECT_EQ(keys.size(), 4U);
  EXPECT_EQ(wheel.wake_at(), kBegin + 5);
  wheel.advance(kBegin + 5, 100, &keys);
  std::ranges::sort(keys);
  EXPECT_EQ(keys, (Keys{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(TimerWheel, FindsATimerBeyondItsReach) {
  TimerWheel wheel(kBegin);
  const std::uint64_t at = kBegin + (std::uint64_t{1} << 60);
  wheel.set(1, at);
  EXPECT_EQ(due(wheel, at - 1), Keys{});
  EXPECT_EQ(due(wheel, at), Keys{1});
}

/// A million timers of an hour and more: what the wheel does in a minute in which none is due.
TEST(TimerWheel, AMillionTimersCostNothingAtRest) {
  TimerWheel wheel(kBegin);
  std::mt19937_64 random(1);
  constexpr std::uint64_t kHour = 3'600'000;
  for (TimerWheel::Key key = 0; key < 1'000'000; ++key) {
    wheel.set(key, kBegin + kHour + random() % (24 * kHour));
  }
  Keys keys;
  for (std::uint64_t tick = 1; tick <= 60'000; ++tick) wheel.advance(kBegin + tick, kAll, &keys);
  EXPECT_TRUE(keys.empty());
  // The hour's slot may come down a level; nothing is looked into tick by tick.
  EXPECT_LE(wheel.slots_visited(), 2U);
  EXPECT_EQ(wheel.size(), 1'000'000U);
}

}  // namespace
}  // namespace rekey::contexts
