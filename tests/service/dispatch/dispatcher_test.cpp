// SPDX-License-Identifier: Apache-2.0
#include "dispatch/dispatcher.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "service/support/dispatch_doubles.h"
#include "service/support/engine_double.h"

namespace rekey::dispatch {
namespace {

using scheduler::Admission;
using scheduler::WorkId;
using test::BatchShape;
using test::EngineDouble;
using test::Gate;
using test::TestJob;

using namespace std::chrono_literals;

BatchShape shape(std::uint32_t count, Profile profile = Profile::k16mDraft) {
  BatchShape shape;
  shape.variant.profile = profile;
  shape.count = count;
  shape.sas = test::SaShape::kUnequal;
  return shape;
}

/// A dispatcher over one engine double and the referee.
class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::make_unique<EngineDouble>("fast"));
    fast_ = static_cast<EngineDouble*>(engines.back().get());
    engines.push_back(make_openssl_ecb_engine());
    EXPECT_EQ(
        EnginePool::create(std::move(engines), make_openssl_engine(), kAutoEngine, {}, &pool_),
        Status());
  }

  void start(Verify verify = Verify::kOff, const scheduler::Limits& limits = {},
             unsigned workers = 1) {
    deriver_ = std::make_unique<Deriver>(pool_.get(), &clock_, &random_, verify);
    dispatcher_ = std::make_unique<Dispatcher>(deriver_.get(), &clock_, limits, workers);
  }

  /// Starts with one worker that is busy until gate_ opens.
  void start_busy(const scheduler::Limits& limits = {}) {
    fast_->then = [this](const CheckedBatch&, const BatchResult&) {
      gate_.pass();
      return Status();
    };
    start(Verify::kOff, limits);
    submit(&busy_);
    gate_.wait_for_arrivals(1);
  }

  WorkId submit(TestJob* job, Admission expected = Admission::kAccepted) {
    WorkId id = 0;
    EXPECT_EQ(dispatcher_->submit(job, &id), expected);
    return id;
  }

  EngineDouble* fast_;
  std::unique_ptr<EnginePool> pool_;
  SteadyClock clock_;
  SystemRandom random_;
  std::unique_ptr<Deriver> deriver_;
  Gate gate_;
  TestJob busy_{shape(1)};
  std::unique_ptr<Dispatcher> dispatcher_;
};

TEST_F(DispatcherTest, ALoneJobIsDerivedInPlace) {
  start(Verify::kAll);
  TestJob job(shape(100));
  submit(&job);
  EXPECT_EQ(job.wait(), Status());
  EXPECT_EQ(job.difference(), "");
  EXPECT_EQ(job.served().engine, "fast");
  EXPECT_EQ(job.served().batch_items, 100U);
  EXPECT_TRUE(job.served().verified);
}

TEST_F(DispatcherTest, WhatCameWhileTheEngineWasBusyIsDerivedTogether) {
  start_busy();
  std::vector<std::unique_ptr<TestJob>> jobs;
  std::uint32_t items = 0;
  for (std::uint32_t i = 1; i <= 10; ++i) {
    jobs.push_back(std::make_unique<TestJob>(shape(i), i));
    items += i;
    submit(jobs.back().get());
  }
  fast_->derivations = 0;
  gate_.open();
  EXPECT_EQ(busy_.wait(), Status());
  for (const auto& job : jobs) {
    EXPECT_EQ(job->wait(), Status());
    EXPECT_EQ(job->difference(), "");
    EXPECT_EQ(job->served().batch_items, items);
    EXPECT_FALSE(job->served().verified);
  }
  EXPECT_EQ(fast_->derivations, 1);
}

TEST_F(DispatcherTest, ProfilesAreNotMixed) {
  start_busy();
  TestJob draft(shape(3));
  TestJob legacy(shape(5, Profile::kLegacy16e));
  submit(&draft);
  submit(&legacy);
  gate_.open();
  EXPECT_EQ(draft.wait(), Status());
  EXPECT_EQ(legacy.wait(), Status());
  EXPECT_EQ(draft.difference(), "");
  EXPECT_EQ(legacy.difference(), "");
  EXPECT_EQ(draft.served().batch_items, 3U);
  EXPECT_EQ(legacy.served().batch_items, 5U);
}

TEST_F(DispatcherTest, ACancelledJobIsNeverDerived) {
  start_busy();
  TestJob gone(shape(1));
  TestJob stays(shape(1));
  const WorkId id = submit(&gone);
  submit(&stays);
  EXPECT_TRUE(dispatcher_->cancel(id));
  EXPECT_FALSE(dispatcher_->cancel(id));
  gate_.open();
  EXPECT_EQ(stays.wait(), Status());
  EXPECT_EQ(stays.served().batch_items, 1U);
}

TEST_F(DispatcherTest, AJobInTheEngineCannotBeCancelled) {
  start_busy();
  EXPECT_FALSE(dispatcher_->cancel(1));
  gate_.open();
  EXPECT_EQ(busy_.wait(), Status());
}

TEST_F(DispatcherTest, AFullQueueRefuses) {
  start_busy({.queue_requests = 1});
  TestJob first(shape(1));
  TestJob second(shape(1));
  submit(&first);
  submit(&second, Admission::kQueueFull);
  gate_.open();
  EXPECT_EQ(first.wait(), Status());
}

TEST_F(DispatcherTest, ADrainAnswersWhatWasAcceptedAndRefusesTheRest) {
  start_busy();
  TestJob accepted(shape(4));
  TestJob late(shape(4));
  submit(&accepted);
  dispatcher_->begin_drain();
  submit(&late, Admission::kDraining);
  EXPECT_FALSE(dispatcher_->wait_idle(1ms));
  gate_.open();
  EXPECT_TRUE(dispatcher_->wait_idle(60s));
  EXPECT_EQ(accepted.wait(), Status());
  EXPECT_EQ(accepted.difference(), "");
}

TEST_F(DispatcherTest, DestructionAnswersWhatWasAccepted) {
  start_busy();
  TestJob job(shape(4));
  submit(&job);
  std::thread opener([this] { gate_.open(); });
  dispatcher_.reset();
  opener.join();
  EXPECT_EQ(job.wait(), Status());
}

TEST_F(DispatcherTest, CancellingTheLastJobIsIdle) {
  start_busy();
  TestJob job(shape(4));
  const WorkId id = submit(&job);
  gate_.open();
  dispatcher_->cancel(id);
  EXPECT_TRUE(dispatcher_->wait_idle(60s));
}

TEST_F(DispatcherTest, AWrongEngineHarmsNobodyInAMergedBatch) {
  fast_->then = [this](const CheckedBatch& batch, const BatchResult& result) {
    gate_.pass();
    return test::flip_a_bit(batch, result);
  };
  start(Verify::kAll);
  submit(&busy_);
  gate_.wait_for_arrivals(1);
  TestJob one(shape(2), 1);
  TestJob two(shape(3), 2);
  submit(&one);
  submit(&two);
  gate_.open();
  for (TestJob* job : {&busy_, &one, &two}) {
    EXPECT_EQ(job->wait(), Status());
    EXPECT_EQ(job->difference(), "");
    EXPECT_EQ(job->served().engine, "openssl");
    EXPECT_TRUE(job->served().verified);
  }
}

TEST_F(DispatcherTest, ManyCallersEachGetTheirOwn) {
  start(Verify::kSampled, {}, 3);
  std::vector<std::thread> callers;
  for (std::uint32_t caller = 0; caller < 24; ++caller) {
    callers.emplace_back([this, caller] {
      for (std::uint32_t i = 0; i < 5; ++i) {
        BatchShape own = shape(1 + caller * 3 + i, kAllProfiles[caller % 3]);
        own.bad_percent = 10;
        TestJob job(own, caller * 100 + i);
        submit(&job);
        EXPECT_EQ(job.wait(), Status());
        EXPECT_EQ(job.difference(), "");
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace rekey::dispatch
