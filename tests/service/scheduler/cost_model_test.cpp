// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cost_model.h"

#include <gtest/gtest.h>

namespace rekey::scheduler {
namespace {

TEST(CostModel, PredictsAFixedTimeAndATimeForEachAms) {
  const CostModel model(20, 0.5);
  EXPECT_EQ(model.predict_us(0), 20U);
  EXPECT_EQ(model.predict_us(100), 70U);
  EXPECT_EQ(model.predict_us(101), 71U) << "rounded up";
}

TEST(CostModel, EffortWithinIsWhatPredictAllows) {
  const CostModel model(20, 0.5);
  for (std::uint64_t us : {0, 19, 20, 21, 70, 12'345}) {
    const std::uint64_t effort = model.effort_within(us);
    if (effort > 0) {
      EXPECT_LE(model.predict_us(effort), us);
    }
    EXPECT_GT(model.predict_us(effort + 1), us);
  }
  EXPECT_EQ(model.effort_within(20), 0U);
  EXPECT_GT(model.effort_within(UINT64_MAX), 1'000'000'000U);
}

TEST(CostModel, LearnsBothPartsFromBatchesOfAllSizes) {
  CostModel model(1, 10);
  const CostModel truth(50, 0.02);
  for (int round = 0; round < 2'000; ++round) {
    for (std::uint64_t effort : {1, 10, 1'000, 50'000}) {
      model.learn(effort, truth.predict_us(effort));
    }
  }
  EXPECT_NEAR(model.fixed_us(), 50, 5);
  EXPECT_NEAR(model.ams_us(), 0.02, 0.002);
}

TEST(CostModel, OneStrayMeasurementMovesLittle) {
  CostModel model(10, 0.1);
  const std::uint64_t before = model.predict_us(1'000);
  model.learn(1'000, 60'000'000);
  EXPECT_LE(model.predict_us(1'000), before * 3 / 2);
  for (int i = 0; i < 100; ++i) model.learn(1'000, 0);
  EXPECT_GT(model.ams_us(), 0) << "never free";
}

}  // namespace
}  // namespace rekey::scheduler
