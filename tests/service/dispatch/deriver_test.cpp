// SPDX-License-Identifier: Apache-2.0
#include "dispatch/deriver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "service/support/dispatch_doubles.h"
#include "service/support/engine_double.h"

namespace rekey::dispatch {
namespace {

using test::BatchShape;
using test::EngineDouble;
using test::FixedRandom;
using test::TestJob;
using ::testing::HasSubstr;

/// A pool of one fast engine and the referee, and a batch to derive.
class DeriverTest : public ::testing::Test {
 protected:
  DeriverTest() : job_(shape()) {
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::make_unique<EngineDouble>("fast"));
    fast_ = static_cast<EngineDouble*>(engines.back().get());
    engines.push_back(std::make_unique<EngineDouble>("openssl"));
    openssl_ = static_cast<EngineDouble*>(engines.back().get());
    EXPECT_EQ(
        EnginePool::create(
            std::move(engines), kAutoEngine,
            [this](std::string_view, std::string_view reason) { alarms_.emplace_back(reason); },
            &pool_),
        Status());
    fast_->derivations = 0;
    openssl_->derivations = 0;
  }

  static BatchShape shape() {
    BatchShape shape;
    shape.count = 2000;
    return shape;
  }

  Derivation derive(Verify verify, std::uint32_t phase = 0) {
    random_ = FixedRandom(phase);
    return Deriver(pool_.get(), &clock_, &random_, verify)
        .derive(job_.batch(), job_.begin_results());
  }

  void expect_all_zero() {
    for (KeyKind kind : kAllKeyKinds) {
      EXPECT_TRUE(std::ranges::all_of(job_.result().column(kind), [](int o) { return o == 0; }));
    }
  }

  EngineDouble* fast_;
  EngineDouble* openssl_;
  std::unique_ptr<EnginePool> pool_;
  std::vector<std::string> alarms_;
  SteadyClock clock_;
  FixedRandom random_{0};
  TestJob job_;
};

TEST_F(DeriverTest, AGoodEngineServes) {
  for (Verify verify : {Verify::kOff, Verify::kSampled, Verify::kAll}) {
    const Derivation derivation = derive(verify);
    EXPECT_EQ(derivation.status, Status());
    EXPECT_EQ(derivation.engine, "fast");
    EXPECT_EQ(job_.difference(), "");
    EXPECT_EQ(derivation.verified.covers(0, 2000), verify == Verify::kAll);
  }
  EXPECT_EQ(openssl_->derivations, 2);  // sampled and all
  EXPECT_TRUE(alarms_.empty());
}

TEST_F(DeriverTest, AFailingEngineIsQuarantinedAndTheRefereeServes) {
  fast_->then = test::fail;
  const Derivation derivation = derive(Verify::kOff);
  EXPECT_EQ(derivation.status, Status());
  EXPECT_EQ(derivation.engine, "openssl");
  EXPECT_EQ(job_.difference(), "");
  ASSERT_EQ(alarms_.size(), 1U);
  EXPECT_THAT(alarms_[0], HasSubstr("derivation failed: broken on purpose"));
  EXPECT_EQ(pool_->running(), openssl_);
}

TEST_F(DeriverTest, AWrongKeyNeverLeavesWhenAllAreVerified) {
  fast_->then = test::flip_a_bit;
  const Derivation derivation = derive(Verify::kAll);
  EXPECT_EQ(derivation.status, Status());
  EXPECT_EQ(derivation.engine, "openssl");
  EXPECT_EQ(job_.difference(), "");
  ASSERT_EQ(alarms_.size(), 1U);
  EXPECT_THAT(alarms_[0], HasSubstr("verification failed"));
  EXPECT_EQ(pool_->status()[0].state, EngineState::kRefused);
}

TEST_F(DeriverTest, ASampledWrongKeyHasTheWholeBatchDoneAgain) {
  // Every key is wrong, as when a whole engine goes bad.
  fast_->then = [](const CheckedBatch&, const BatchResult& result) {
    for (std::uint8_t& octet : result.ak) octet ^= 1;
    return Status();
  };
  const Derivation derivation = derive(Verify::kSampled, 1023);
  EXPECT_EQ(derivation.status, Status());
  EXPECT_EQ(derivation.engine, "openssl");
  EXPECT_EQ(job_.difference(), "");
  EXPECT_EQ(alarms_.size(), 1U);
}

TEST_F(DeriverTest, WhenTheRefereeFailsTooNothingLeaves) {
  fast_->then = test::fail;
  openssl_->then = test::fail;
  const Derivation derivation = derive(Verify::kOff);
  EXPECT_EQ(derivation.status.code(), Code::kInternal);
  expect_all_zero();
  // The referee had no wrong key to show for: it may try again.
  openssl_->then = nullptr;
  EXPECT_EQ(derive(Verify::kOff).status, Status());
}

TEST_F(DeriverTest, WhatCannotBeVerifiedDoesNotLeave) {
  openssl_->then = test::fail;
  const Derivation derivation = derive(Verify::kSampled);
  EXPECT_EQ(derivation.status.code(), Code::kInternal);
  expect_all_zero();
  EXPECT_TRUE(alarms_.empty());
}

TEST_F(DeriverTest, ARefereeThatContradictsItselfEndsService) {
  pool_->quarantine(*fast_, "not needed here");
  openssl_->then = [this](const CheckedBatch& batch, const BatchResult& result) {
    return openssl_->derivations % 2 == 1 ? test::flip_a_bit(batch, result) : Status();
  };
  EXPECT_EQ(derive(Verify::kAll).status.code(), Code::kInternal);
  expect_all_zero();
  EXPECT_EQ(pool_->running(), nullptr);
  EXPECT_EQ(derive(Verify::kAll).status.code(), Code::kUnavailable);
  expect_all_zero();
}

}  // namespace
}  // namespace rekey::dispatch
