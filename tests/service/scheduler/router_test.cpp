// SPDX-License-Identifier: Apache-2.0
#include "scheduler/router.h"

#include <gtest/gtest.h>

namespace rekey::scheduler {
namespace {

constexpr EngineId kGpu = 0;
constexpr EngineId kVector = 1;
constexpr EngineId kOpenssl = 2;
constexpr Profile kProfile = Profile::k16mDraft;

/// A GPU that is quick with many AMSs, and two engines on the CPU's two cores.
class RouterTest : public ::testing::Test {
 protected:
  static Machine machine() {
    Machine machine{.device_slots = {1, 2}, .engines = std::vector<EngineSpec>(3)};
    machine.engines[kGpu].costs.fill(CostModel(200, 0.001));
    machine.engines[kVector].device = 1;
    machine.engines[kVector].costs.fill(CostModel(5, 0.02));
    machine.engines[kOpenssl].device = 1;
    machine.engines[kOpenssl].last_resort = true;
    machine.engines[kOpenssl].costs.fill(CostModel(5, 0.5));
    return machine;
  }

  std::optional<Router::Choice> choose(std::uint64_t effort, std::uint64_t now_us = 0) {
    return router_.choose(kProfile, effort, now_us, &look_again_us_);
  }
  void launch(EngineId engine, BatchId batch, std::uint64_t effort, std::uint64_t now_us = 0) {
    router_.launched(engine, batch, kProfile, effort, now_us);
  }

  const Limits limits_{
      .batch_items = 65'536, .batch_us = 1'000, .probe_us = 100, .probe_us_max = 350};
  Router router_{limits_, machine()};
  std::uint64_t look_again_us_ = 0;
};

TEST_F(RouterTest, SmallWorkGoesToTheVectorEngineAndLargeWorkToTheGpu) {
  EXPECT_EQ(choose(10)->engine, kVector);
  EXPECT_EQ(choose(1'000'000)->engine, kGpu);
  EXPECT_EQ(choose(1'000'000)->effort, 65'536U);
}

TEST_F(RouterTest, ABatchHoldsWhatTheEngineDoesInItsTime) {
  launch(kGpu, 1, 10'000'000);
  EXPECT_EQ(choose(1'000'000)->engine, kVector);
  EXPECT_EQ(choose(1'000'000)->effort, 49'750U) << "(1,000 us - 5 us) / 0.02 us";
}

TEST_F(RouterTest, WhatTheBestEngineIsSoonFreeForWaits) {
  launch(kVector, 1, 100);
  launch(kVector, 2, 100);
  // The GPU would take 200 us; a core is free in 7.
  EXPECT_FALSE(choose(10).has_value());
  EXPECT_NE(look_again_us_, kNever);
  router_.returned(kVector, 1);
  EXPECT_EQ(choose(10)->engine, kVector);
}

TEST_F(RouterTest, ASaturatedEngineSpillsToAnother) {
  launch(kVector, 1, 1'000'000);
  launch(kVector, 2, 1'000'000);
  EXPECT_EQ(choose(10)->engine, kGpu) << "20 ms are too long to wait";
}

TEST_F(RouterTest, ASlotOfAnEngineThatDoesNotServeIsNotFree) {
  launch(kVector, 1, 100);
  launch(kVector, 2, 100);
  EXPECT_TRUE(router_.any_slot_free());
  router_.pin(kVector);
  EXPECT_FALSE(router_.any_slot_free());
  router_.pin({});
  router_.quarantine(kGpu, 0);
  EXPECT_FALSE(router_.any_slot_free());
  router_.returned(kVector, 1);
  EXPECT_TRUE(router_.any_slot_free());
}

TEST_F(RouterTest, AnOverdueEngineIsNotWaitedForForEver) {
  launch(kVector, 1, 100);
  launch(kVector, 2, 100);
  EXPECT_FALSE(choose(10).has_value());
  EXPECT_FALSE(choose(10, 150).has_value());
  EXPECT_EQ(choose(10, look_again_us_)->engine, kGpu);
}

TEST_F(RouterTest, APinnedEngineIsTheOnlyOneWhileItServes) {
  router_.pin(kOpenssl);
  EXPECT_EQ(choose(1'000'000)->engine, kOpenssl);
  router_.pin(kVector);
  router_.quarantine(kVector, 0);
  EXPECT_EQ(choose(1'000'000)->engine, kGpu);
  router_.pin(std::nullopt);
  EXPECT_EQ(choose(10)->engine, kOpenssl);
}

TEST_F(RouterTest, LearningMovesTheChoice) {
  for (int i = 0; i < 200; ++i) router_.learn(kVector, kProfile, 1'000, 50'000);
  EXPECT_EQ(choose(1'000)->engine, kGpu);
  EXPECT_EQ(router_.choose(Profile::kLegacy16e, 1'000, 0, &look_again_us_)->engine, kVector)
      << "profile by profile";
}

TEST_F(RouterTest, AQuarantinedEngineIsProbedAfterItsRestAndComesBack) {
  router_.quarantine(kVector, 1'000);
  EXPECT_FALSE(router_.serves(kVector));
  EXPECT_EQ(router_.next_probe_us(), 1'100U);
  EXPECT_FALSE(router_.take_probe(1'099).has_value());
  EXPECT_EQ(router_.take_probe(1'100), kVector);
  EXPECT_FALSE(router_.take_probe(1'100).has_value()) << "one probe at a time";
  EXPECT_FALSE(router_.serves(kVector));
  router_.probed(kVector, true, 1'110);
  EXPECT_TRUE(router_.serves(kVector));
}

TEST_F(RouterTest, TheRestDoublesWhileAnEngineKeepsFailing) {
  router_.quarantine(kVector, 0);
  EXPECT_EQ(router_.take_probe(100), kVector);
  router_.probed(kVector, false, 100);
  EXPECT_EQ(router_.next_probe_us(), 300U);
  EXPECT_EQ(router_.take_probe(300), kVector);
  router_.probed(kVector, true, 300);
  router_.quarantine(kVector, 310);
  EXPECT_EQ(router_.next_probe_us(), 660U) << "350 at most";
  EXPECT_EQ(router_.take_probe(660), kVector);
  router_.probed(kVector, true, 660);
  router_.quarantine(kVector, 1'010);
  EXPECT_EQ(router_.next_probe_us(), 1'110U) << "it had served well";
}

TEST_F(RouterTest, AProbeTakesASlot) {
  router_.quarantine(kGpu, 0);
  EXPECT_EQ(router_.take_probe(100), kGpu);
  router_.quarantine(kVector, 0);
  launch(kOpenssl, 1, 10);
  launch(kOpenssl, 2, 10);
  EXPECT_FALSE(router_.take_probe(100).has_value()) << "both cores are busy";
  EXPECT_EQ(router_.next_probe_us(), kNever);
  router_.returned(kOpenssl, 1);
  EXPECT_EQ(router_.take_probe(100), kVector);
}

TEST_F(RouterTest, WithoutTheLastResortNoneServesAndNoneComesBack) {
  router_.quarantine(kOpenssl, 0);
  EXPECT_FALSE(router_.any_serves());
  EXPECT_FALSE(choose(10).has_value());
  EXPECT_FALSE(router_.take_probe(1'000'000).has_value());
}

TEST_F(RouterTest, AnEngineWhoseSlotsAreLostDoesNotServe) {
  launch(kGpu, 1, 10);
  router_.lost(kGpu, 1);
  EXPECT_FALSE(router_.serves(kGpu));
  router_.came_late(kGpu);
  EXPECT_TRUE(router_.serves(kGpu));
}

TEST_F(RouterTest, RatesOfAllDevicesAddUp) {
  // 1,000 AMSs a us on the GPU and 50 on the CPU, where the two engines share the cores.
  EXPECT_NEAR(static_cast<double>(router_.drain_us(kProfile, 1'050'000)), 1'000, 1);
  router_.quarantine(kOpenssl, 0);
  EXPECT_EQ(router_.drain_us(kProfile, 1), kNever);
}

}  // namespace
}  // namespace rekey::scheduler
