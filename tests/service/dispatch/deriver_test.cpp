// SPDX-License-Identifier: Apache-2.0
#include "dispatch/deriver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "service/support/dispatch_doubles.h"
#include "service/support/engine_double.h"

namespace rekey::dispatch {
namespace {

using scheduler::BatchOutcome;
using test::BatchShape;
using test::EngineDouble;
using test::FixedRandom;
using test::TestJob;
using ::testing::HasSubstr;

/// Keeps the last record.
class LastDerivation final : public DerivationObserver {
 public:
  void derived(const DerivationRecord& record) override {
    engine = record.engine;
    last = record;
    last.engine = engine;
  }
  std::string engine;
  DerivationRecord last;
};

/// A pool of one fast engine, the stand-in and the referee, and a batch to derive.
class DeriverTest : public ::testing::Test {
 protected:
  DeriverTest() {
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::make_unique<EngineDouble>("fast"));
    fast_ = static_cast<EngineDouble*>(engines.back().get());
    engines.push_back(std::make_unique<EngineDouble>("openssl"));
    stand_in_ = static_cast<EngineDouble*>(engines.back().get());
    auto referee = std::make_unique<EngineDouble>("openssl");
    referee_ = referee.get();
    EXPECT_EQ(
        EnginePool::create(
            std::move(engines), std::move(referee), kAutoEngine,
            [this](std::string_view, std::string_view reason) { alarms_.emplace_back(reason); },
            &pool_),
        Status());
    fast_->derivations = 0;
    stand_in_->derivations = 0;
    referee_->derivations = 0;
  }

  static BatchShape shape() {
    BatchShape shape;
    shape.count = 2000;
    return shape;
  }

  Derivation derive(Engine& engine, Verify verify, std::uint32_t phase = 0) {
    random_ = FixedRandom(phase);
    job_.emplace(shape());
    return Deriver(pool_.get(), &clock_, &random_, verify, &observer_)
        .derive(engine, job_->batch(), job_->begin_results());
  }

  EngineDouble* fast_;
  EngineDouble* stand_in_;
  EngineDouble* referee_;
  std::unique_ptr<EnginePool> pool_;
  std::vector<std::string> alarms_;
  SteadyClock clock_;
  FixedRandom random_{0};
  LastDerivation observer_;
  std::optional<TestJob> job_;
};

TEST_F(DeriverTest, TellsTheTimeOfTheEngineFromThatOfVerification) {
  static constexpr std::uint64_t kLongUs = 200'000;
  stand_in_->then = [](const CheckedBatch&, const BatchResult&) {
    std::this_thread::sleep_for(std::chrono::microseconds(kLongUs));
    return Status();
  };
  const std::uint64_t start_us = clock_.now_us();
  const Derivation derivation = derive(*fast_, Verify::kAll);
  EXPECT_GE(derivation.verify_us, kLongUs);
  EXPECT_LE(derivation.engine_us + derivation.verify_us, clock_.now_us() - start_us);
}

TEST_F(DeriverTest, AGoodEngineServes) {
  for (Verify verify : {Verify::kOff, Verify::kSampled, Verify::kAll}) {
    const Derivation derivation = derive(*fast_, verify);
    EXPECT_EQ(derivation.outcome, BatchOutcome::kDone);
    EXPECT_EQ(job_->difference(), "");
    EXPECT_EQ(derivation.verified.covers(0, 2000), verify == Verify::kAll);
  }
  EXPECT_EQ(referee_->derivations, 1) << "verifies a sample";
  EXPECT_EQ(stand_in_->derivations, 1) << "verifies all";
  EXPECT_TRUE(alarms_.empty());
}

TEST_F(DeriverTest, AFailingEngineIsQuarantined) {
  fast_->then = test::fail;
  EXPECT_EQ(derive(*fast_, Verify::kOff).outcome, BatchOutcome::kFailed);
  ASSERT_EQ(alarms_.size(), 1U);
  EXPECT_THAT(alarms_[0], HasSubstr("derivation failed: broken on purpose"));
  EXPECT_EQ(pool_->running(), stand_in_);
}

TEST_F(DeriverTest, AWrongKeyIsFoundWhenAllAreVerified) {
  fast_->then = test::flip_a_bit;
  EXPECT_EQ(derive(*fast_, Verify::kAll).outcome, BatchOutcome::kWrong);
  ASSERT_EQ(alarms_.size(), 1U);
  EXPECT_THAT(alarms_[0], HasSubstr("verification failed"));
  EXPECT_EQ(pool_->status()[0].state, EngineState::kRefused);
}

TEST_F(DeriverTest, AWrongKeyIsFoundInTheSample) {
  // Every key is wrong, as when a whole engine goes bad.
  fast_->then = [](const CheckedBatch&, const BatchResult& result) {
    for (std::uint8_t& octet : result.ak) octet ^= 1;
    return Status();
  };
  EXPECT_EQ(derive(*fast_, Verify::kSampled, 1023).outcome, BatchOutcome::kWrong);
  EXPECT_EQ(alarms_.size(), 1U);
}

TEST_F(DeriverTest, AFailureOfTheStandInDoesNotEndService) {
  stand_in_->then = test::fail;
  EXPECT_EQ(derive(*stand_in_, Verify::kOff).outcome, BatchOutcome::kFailed);
  EXPECT_TRUE(alarms_.empty());
  stand_in_->then = nullptr;
  EXPECT_EQ(derive(*stand_in_, Verify::kOff).outcome, BatchOutcome::kDone);
}

TEST_F(DeriverTest, WhatCannotBeVerifiedIsNobodysFault) {
  referee_->then = test::fail;
  stand_in_->then = test::fail;
  for (Verify verify : {Verify::kSampled, Verify::kAll}) {
    EXPECT_EQ(derive(*fast_, verify).outcome, BatchOutcome::kUnverified);
  }
  EXPECT_TRUE(alarms_.empty());
}

// ---- No engine is verified by itself. ----

TEST_F(DeriverTest, TheRefereeVerifiesTheStandIn) {
  for (Verify verify : {Verify::kSampled, Verify::kAll}) {
    referee_->derivations = 0;
    stand_in_->derivations = 0;
    EXPECT_EQ(derive(*stand_in_, verify).outcome, BatchOutcome::kDone);
    EXPECT_EQ(job_->difference(), "");
    EXPECT_EQ(stand_in_->derivations, 1);
    EXPECT_EQ(referee_->derivations, 1);
  }
}

TEST_F(DeriverTest, AWrongKeyOfTheStandInEndsService) {
  stand_in_->then = test::flip_a_bit;
  EXPECT_EQ(derive(*stand_in_, Verify::kAll).outcome, BatchOutcome::kWrong);
  EXPECT_EQ(pool_->running(), nullptr);
}

TEST_F(DeriverTest, AStandInThatAccusesARightEngineIsFoundOutByTheReferee) {
  stand_in_->then = test::flip_a_bit;
  EXPECT_EQ(derive(*fast_, Verify::kAll).outcome, BatchOutcome::kWrong);
  // What the one that is accused did is done again by the stand-in.
  EXPECT_EQ(derive(*stand_in_, Verify::kAll).outcome, BatchOutcome::kWrong);
  EXPECT_EQ(pool_->running(), nullptr);
}

TEST_F(DeriverTest, TheObserverIsToldWhichEngineHowManyAndHowItWent) {
  derive(*fast_, Verify::kSampled, 5);
  EXPECT_EQ(observer_.last.engine, "fast");
  EXPECT_EQ(observer_.last.items, 2000U);
  EXPECT_EQ(observer_.last.verified, 2U);
  EXPECT_TRUE(observer_.last.ok);
  fast_->then = test::flip_a_bit;
  derive(*fast_, Verify::kAll);
  EXPECT_EQ(observer_.last.verified, 2000U);
  EXPECT_FALSE(observer_.last.ok);
}

}  // namespace
}  // namespace rekey::dispatch
