// SPDX-License-Identifier: Apache-2.0
#include "dispatch/parts.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <vector>

#include "dispatch/clock.h"
#include "dispatch/engine_pool.h"
#include "service/support/dispatch_doubles.h"
#include "service/support/engine_double.h"

namespace rekey::dispatch {
namespace {

using test::BatchShape;
using test::EngineDouble;
using test::TestJob;

/// Jobs of some sizes, and an engine to derive them as parts of one batch.
class PartsTest : public ::testing::Test {
 protected:
  PartsTest() { pool_ = test::pool_of_double(&fast_); }

  PartsDerivation derive(std::initializer_list<std::uint32_t> sizes, Verify verify) {
    Deriver deriver(pool_.get(), &clock_, &random_, verify);
    std::vector<Part> parts;
    for (const std::uint32_t size : sizes) {
      BatchShape shape;
      shape.count = size;
      shape.sas = test::SaShape::kUnequal;
      shape.shared_bsid = size % 2 == 0;
      jobs_.push_back(std::make_unique<TestJob>(shape, jobs_.size()));
      parts.push_back({jobs_.back()->batch(), jobs_.back()->begin_results()});
    }
    return derive_parts(deriver, *fast_, parts);
  }

  SteadyClock clock_;
  SystemRandom random_;
  std::unique_ptr<EnginePool> pool_;
  EngineDouble* fast_;
  std::vector<std::unique_ptr<TestJob>> jobs_;
};

TEST_F(PartsTest, LargeOnesAreDerivedInPlaceAndNeighbouringSmallOnesTogether) {
  const PartsDerivation derivation =
      derive({kInPlaceItems, 3, kInPlaceItems - 1, 1, 300, 7}, Verify::kAll);
  EXPECT_EQ(derivation.outcome, scheduler::BatchOutcome::kDone);
  EXPECT_EQ(derivation.verified, std::vector<bool>(6, true));
  EXPECT_EQ(fast_->derivations, 4);
  for (const auto& job : jobs_) EXPECT_EQ(job->difference(), "");
}

TEST_F(PartsTest, WhatIsNotVerifiedIsNotCalledSo) {
  EXPECT_EQ(derive({100, 2, 3}, Verify::kOff).verified, std::vector<bool>(3, false));
}

TEST_F(PartsTest, OneThatFailsIsTheOutcomeOfAll) {
  fast_->then = [](const CheckedBatch& batch, const BatchResult& result) {
    return batch.count() == 100 ? test::flip_a_bit(batch, result) : Status();
  };
  EXPECT_EQ(derive({70, 100, 80}, Verify::kAll).outcome, scheduler::BatchOutcome::kWrong);
  EXPECT_EQ(fast_->derivations, 2) << "what follows has to be done again anyway";
  EXPECT_FALSE(pool_->serves(0));
}

}  // namespace
}  // namespace rekey::dispatch
