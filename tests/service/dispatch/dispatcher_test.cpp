// SPDX-License-Identifier: Apache-2.0
#include "dispatch/dispatcher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "dispatch/machine.h"
#include "service/support/dispatch_doubles.h"
#include "service/support/engine_double.h"

namespace rekey::dispatch {
namespace {

using scheduler::Admission;
using scheduler::Outcome;
using scheduler::WorkId;
using test::BatchShape;
using test::Behaviour;
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

/// A dispatcher over one engine double, which it prefers, and the stand-in.
class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    pool_ = test::pool_of_double(&fast_);
    machine_ = describe(*pool_, clock_, 1);
  }

  void start(Verify verify = Verify::kOff, const scheduler::Limits& limits = {},
             unsigned workers = 1) {
    machine_.device_slots[0] = workers;
    deriver_ = std::make_unique<Deriver>(pool_.get(), &clock_, &random_, verify);
    dispatcher_ =
        std::make_unique<Dispatcher>(pool_.get(), deriver_.get(), &clock_, limits, machine_);
  }

  /// Starts with one worker that is busy until gate_ opens.
  void start_busy(const scheduler::Limits& limits = {}) {
    close_gate();
    start(Verify::kOff, limits);
    submit(&busy_);
    gate_.wait_for_arrivals(1);
  }

  /// What all engines are believed to take for an AMS, in microseconds.
  void cost_per_ams(double us) {
    for (scheduler::EngineSpec& engine : machine_.engines) {
      engine.costs.fill(scheduler::CostModel(1, us));
    }
  }

  void close_gate() {
    fast_->then = [this](const CheckedBatch&, const BatchResult&) {
      gate_.pass();
      return Status();
    };
  }

  WorkId submit(TestJob* job, Admission expected = Admission::kAccepted) {
    WorkId id = 0;
    EXPECT_EQ(dispatcher_->submit(job, &id).admission, expected);
    return id;
  }

  EngineDouble* fast_;
  std::unique_ptr<EnginePool> pool_;
  SteadyClock clock_;
  scheduler::Machine machine_;
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
  EXPECT_EQ(job.wait(), Outcome::kDone);
  EXPECT_EQ(job.difference(), "");
  EXPECT_EQ(job.served().engine, "fast");
  EXPECT_EQ(job.served().batch_items, 100U);
  EXPECT_TRUE(job.served().verified);
}

TEST_F(DispatcherTest, ASmallJobMayBeDerivedOnItsCallersThread) {
  std::atomic<std::thread::id> thread;
  fast_->then = [&](const CheckedBatch&, const BatchResult&) {
    thread = std::this_thread::get_id();
    return Status();
  };
  cost_per_ams(0.01);
  start();
  WorkId id = 0;
  TestJob small(shape(100));
  EXPECT_TRUE(dispatcher_->submit(&small, &id, Where::kHere).accepted());
  EXPECT_EQ(thread.load(), std::this_thread::get_id());
  EXPECT_EQ(small.wait(), Outcome::kDone);
  EXPECT_EQ(small.difference(), "");
  TestJob large(shape(10'000));
  EXPECT_TRUE(dispatcher_->submit(&large, &id, Where::kHere).accepted());
  EXPECT_EQ(large.wait(), Outcome::kDone);
  EXPECT_NE(thread.load(), std::this_thread::get_id());
}

TEST_F(DispatcherTest, ASmallJobOfASlowEngineIsLeftToTheWorkers) {
  std::atomic<std::thread::id> thread;
  fast_->then = [&](const CheckedBatch&, const BatchResult&) {
    thread = std::this_thread::get_id();
    return Status();
  };
  cost_per_ams(100);
  start();
  WorkId id = 0;
  TestJob job(shape(100));
  EXPECT_TRUE(dispatcher_->submit(&job, &id, Where::kHere).accepted());
  EXPECT_EQ(job.wait(), Outcome::kDone);
  EXPECT_NE(thread.load(), std::this_thread::get_id());
}

/// Time passes when a sample is drawn: after the engine and before its batch is verified.
class SampledTime final : public Clock, public Random {
 public:
  [[nodiscard]] std::uint64_t now_us() const override { return now_us_; }
  std::uint32_t below(std::uint32_t) override {
    now_us_ += 1'000'000;
    return 0;
  }

 private:
  std::atomic<std::uint64_t> now_us_ = 1;
};

TEST_F(DispatcherTest, ABatchCostsWhatItsVerificationTakesToo) {
  SampledTime time;
  cost_per_ams(1);
  Deriver deriver(pool_.get(), &time, &time, Verify::kSampled);
  Dispatcher dispatcher(pool_.get(), &deriver, &time, {}, machine_);
  TestJob job(shape(2'000));
  WorkId id = 0;
  EXPECT_TRUE(dispatcher.submit(&job, &id).accepted());
  EXPECT_EQ(job.wait(), Outcome::kDone);
  const scheduler::CostModel cost = dispatcher.load().engines.at(0).costs.at(0);
  EXPECT_GT(cost.predict_us(2'000), 2'100U);  // one stray measurement moves little
  EXPECT_EQ(job.served().engine_us, 0U) << "callers are told of the engine alone";
}

TEST_F(DispatcherTest, ASmallJobIsDerivedOnItsCallersThreadBesideWhatTheEngineHasInHand) {
  std::atomic<int> batches = 0;
  std::atomic<std::thread::id> thread;
  fast_->then = [&](const CheckedBatch&, const BatchResult&) {
    if (batches++ == 0) {
      gate_.pass();
    } else {
      thread = std::this_thread::get_id();
    }
    return Status();
  };
  cost_per_ams(0.01);
  start(Verify::kOff, {.batch_items = 100});
  TestJob large(shape(200));
  large.name = "another";
  submit(&large);
  gate_.wait_for_arrivals(1);
  EXPECT_EQ(dispatcher_->queued(), 1U) << "the rest of it waits";
  WorkId id = 0;
  TestJob small(shape(10));
  EXPECT_TRUE(dispatcher_->submit(&small, &id, Where::kHere).accepted());
  EXPECT_EQ(small.wait(), Outcome::kDone);
  EXPECT_EQ(small.difference(), "");
  EXPECT_EQ(thread.load(), std::this_thread::get_id());
  gate_.open();
  EXPECT_EQ(large.wait(), Outcome::kDone);
}

TEST_F(DispatcherTest, AJobOfABusyEngineIsLeftToTheWorkers) {
  start_busy();
  WorkId id = 0;
  TestJob job(shape(1));
  EXPECT_TRUE(dispatcher_->submit(&job, &id, Where::kHere).accepted());
  EXPECT_EQ(dispatcher_->queued(), 1U) << "submit() waits for nobody";
  gate_.open();
  EXPECT_EQ(job.wait(), Outcome::kDone);
}

TEST_F(DispatcherTest, ADeviceIsWaitedForByWorkersAlone) {
  std::atomic<std::thread::id> thread;
  fast_->then = [&](const CheckedBatch&, const BatchResult&) {
    thread = std::this_thread::get_id();
    return Status();
  };
  machine_.engines[0].batch_us_max = 60'000'000;
  start();
  WorkId id = 0;
  TestJob job(shape(1));
  EXPECT_TRUE(dispatcher_->submit(&job, &id, Where::kHere).accepted());
  EXPECT_EQ(job.wait(), Outcome::kDone);
  EXPECT_EQ(job.served().engine, "fast");
  EXPECT_NE(thread.load(), std::this_thread::get_id());
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
  EXPECT_EQ(busy_.wait(), Outcome::kDone);
  for (const auto& job : jobs) {
    EXPECT_EQ(job->wait(), Outcome::kDone);
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
  EXPECT_EQ(draft.wait(), Outcome::kDone);
  EXPECT_EQ(legacy.wait(), Outcome::kDone);
  EXPECT_EQ(draft.difference(), "");
  EXPECT_EQ(legacy.difference(), "");
  EXPECT_EQ(draft.served().batch_items, 3U);
  EXPECT_EQ(legacy.served().batch_items, 5U);
}

TEST_F(DispatcherTest, JobsSubmittedTogetherAreAllDoneOrAllLeftAlone) {
  start(Verify::kOff, {.caller_requests = 2});
  TestJob one(shape(3));
  TestJob two(shape(4, Profile::kLegacy16e));
  TestJob three(shape(5));
  Job* const jobs[] = {&one, &two, &three};
  EXPECT_EQ(dispatcher_->submit_together(jobs).admission, Admission::kTooLarge);
  EXPECT_TRUE(dispatcher_->wait_idle(0ms));
  ASSERT_TRUE(dispatcher_->submit_together(std::span(jobs).first(2)).accepted());
  for (TestJob* job : {&one, &two}) {
    EXPECT_EQ(job->wait(), Outcome::kDone);
    EXPECT_EQ(job->difference(), "");
  }
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
  EXPECT_EQ(stays.wait(), Outcome::kDone);
  EXPECT_EQ(stays.served().batch_items, 1U);
}

TEST_F(DispatcherTest, AJobInTheEngineIsToldOfItsCancellationWhenItIsOut) {
  start_busy();
  EXPECT_FALSE(dispatcher_->cancel(1));
  gate_.open();
  EXPECT_EQ(busy_.wait(), Outcome::kCancelled);
}

TEST_F(DispatcherTest, AFullQueueRefuses) {
  start_busy({.queue_requests = 2});
  TestJob first(shape(1));
  TestJob second(shape(1));
  submit(&first);
  submit(&second, Admission::kQueueFull);
  gate_.open();
  EXPECT_EQ(first.wait(), Outcome::kDone);
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
  EXPECT_EQ(accepted.wait(), Outcome::kDone);
  EXPECT_EQ(accepted.difference(), "");
}

TEST_F(DispatcherTest, DestructionAnswersWhatWasAccepted) {
  start_busy();
  TestJob job(shape(4));
  submit(&job);
  std::thread opener([this] { gate_.open(); });
  dispatcher_.reset();
  opener.join();
  EXPECT_EQ(job.wait(), Outcome::kDone);
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
    EXPECT_EQ(job->wait(), Outcome::kDone);
    EXPECT_EQ(job->difference(), "");
    EXPECT_EQ(job->served().engine, "openssl");
    EXPECT_TRUE(job->served().verified);
  }
}

TEST_F(DispatcherTest, WhatNoEngineServesIsToldSo) {
  start_busy();
  TestJob waits(shape(3));
  submit(&waits);
  pool_->quarantine(pool_->referee(), "broken on purpose");
  EXPECT_EQ(waits.wait(), Outcome::kNoEngine);
  TestJob late(shape(3));
  submit(&late, Admission::kNoEngine);
  gate_.open();
  EXPECT_EQ(busy_.wait(), Outcome::kNoEngine) << "its keys are not trusted";
}

TEST_F(DispatcherTest, WhatFailsEverywhereEndsWithoutAKey) {
  fast_->then = test::fail;
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::make_unique<EngineDouble>("openssl"));
  auto* stand_in = static_cast<EngineDouble*>(engines.back().get());
  ASSERT_EQ(EnginePool::create(std::move(engines), make_openssl_engine(), kAutoEngine, {}, &pool_),
            Status());
  machine_ = describe(*pool_, clock_, 1);
  stand_in->then = test::fail;
  start();
  TestJob job(shape(3));
  submit(&job);
  EXPECT_EQ(job.wait(), Outcome::kFailed);
  for (KeyKind kind : kAllKeyKinds) {
    EXPECT_TRUE(std::ranges::all_of(job.result().column(kind), [](int o) { return o == 0; }));
  }
  stand_in->then = nullptr;
  TestJob next(shape(3));
  submit(&next);
  EXPECT_EQ(next.wait(), Outcome::kDone);
}

TEST_F(DispatcherTest, ALargeJobIsCutAndItsKeysComeTogether) {
  for (unsigned workers : {1U, 3U}) {
    start(Verify::kSampled, {.batch_items = 100}, workers);
    BatchShape uneven = shape(1'050);
    uneven.bad_percent = 5;
    TestJob job(uneven);
    fast_->derivations = 0;
    submit(&job);
    EXPECT_EQ(job.wait(), Outcome::kDone);
    EXPECT_EQ(job.difference(), "");
    EXPECT_EQ(job.served().engine, "fast");
    EXPECT_GE(fast_->derivations, 10);
    EXPECT_LE(job.served().batch_items, 100U);
  }
}

TEST_F(DispatcherTest, WhatTheDeadlineOvertakesInTheQueueIsNeverDerived) {
  start_busy();
  TestJob job(shape(1));
  job.until_us = clock_.now_us() + 200'000;
  submit(&job);
  EXPECT_EQ(job.wait(), Outcome::kExpired) << "told while the engine is still busy";
  EXPECT_FALSE(job.begun());
  TestJob late(shape(1));
  late.until_us = clock_.now_us() - 1;
  submit(&late, Admission::kTooLate);
  gate_.open();
  EXPECT_EQ(busy_.wait(), Outcome::kDone);
}

TEST_F(DispatcherTest, AnEngineThatWasRefusedServesAgainAfterItsProbe) {
  fast_->then = test::fail;
  start(Verify::kOff, {.probe_us = 1'000});
  TestJob first(shape(2));
  submit(&first);
  EXPECT_EQ(first.wait(), Outcome::kDone);
  EXPECT_EQ(first.served().engine, "openssl");
  fast_->then = nullptr;
  for (int i = 0; i < 10'000 && !pool_->serves(0); ++i) std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(pool_->serves(0));
  // The scheduler hears of it a moment later.
  for (int i = 0; i < 10'000; ++i) {
    TestJob job(shape(2));
    submit(&job);
    ASSERT_EQ(job.wait(), Outcome::kDone);
    if (job.served().engine == "fast") return;
  }
  FAIL() << "it never served again";
}

/// Flips a bit of one AK in a thousand, counted over all batches, and counts its lies.
Behaviour::Function flip_one_in_a_thousand(std::atomic<int>* lies) {
  return [lies, derived = std::make_shared<std::atomic<std::uint32_t>>(0)](
             const CheckedBatch& batch, const BatchResult& result) {
    if (result.ak.empty()) return Status();
    const std::uint32_t before = derived->fetch_add(batch.count());
    for (std::uint32_t i = 0; i < batch.count(); ++i) {
      if ((before + i) % 1'000 != 999) continue;
      result.ak[i * kAkOctets] ^= 1;
      ++*lies;
    }
    return Status();
  };
}

TEST_F(DispatcherTest, NoWrongKeyLeavesWhenAllAreVerifiedHoweverOftenTheEngineLies) {
  std::atomic<int> lies = 0;
  fast_->then = flip_one_in_a_thousand(&lies);
  start(Verify::kAll, {.probe_us = 1'000, .probe_us_max = 1'000});
  for (std::uint64_t i = 0; i < 60; ++i) {
    TestJob job(shape(100), i);
    submit(&job);
    ASSERT_EQ(job.wait(), Outcome::kDone);
    EXPECT_EQ(job.difference(), "");
    EXPECT_TRUE(job.served().verified);
  }
  EXPECT_GT(lies, 0);
}

TEST_F(DispatcherTest, ALiarIsFoundByChanceOrByItsCanaryAndLeavesNothingInWhatIsNotAnswered) {
  start(Verify::kSampled);
  fast_->then = [](const CheckedBatch&, const BatchResult& result) {
    for (std::uint8_t& octet : result.ak) octet ^= 1;
    return Status();
  };
  for (std::uint64_t i = 0; i < CanaryTurn::kPeriod && pool_->serves(0); ++i) {
    TestJob job(shape(2'048), i);
    submit(&job);
    EXPECT_EQ(job.wait(), Outcome::kDone);
    if (pool_->serves(0)) continue;
    EXPECT_EQ(job.difference(), "") << "also where it was cut";
  }
  EXPECT_FALSE(pool_->serves(0));
}

TEST_F(DispatcherTest, TheCanaryFindsALiarThatSamplesMiss) {
  std::atomic<int> batches = 0;
  // Every AMS is wrong, in batches that no sample is drawn from: all have one AMS, and the place
  // that is drawn is 1,023.
  fast_->then = [&](const CheckedBatch&, const BatchResult& result) {
    ++batches;
    for (std::uint8_t& octet : result.ak) octet ^= 1;
    return Status();
  };
  test::FixedRandom never(1'023);
  machine_.device_slots[0] = 1;
  deriver_ = std::make_unique<Deriver>(pool_.get(), &clock_, &never, Verify::kSampled);
  dispatcher_ = std::make_unique<Dispatcher>(pool_.get(), deriver_.get(), &clock_,
                                             scheduler::Limits{}, machine_);
  for (std::uint64_t i = 0; i < CanaryTurn::kPeriod; ++i) {
    TestJob job(shape(1));
    submit(&job);
    EXPECT_EQ(job.wait(), Outcome::kDone);
    EXPECT_EQ(job.served().engine == "fast", i + 1 < CanaryTurn::kPeriod) << i;
    if (job.served().engine != "fast") {
      EXPECT_EQ(job.difference(), "");
    }
  }
  EXPECT_FALSE(pool_->serves(0));
  EXPECT_EQ(batches, static_cast<int>(CanaryTurn::kPeriod));
  dispatcher_.reset();
}

/// A dispatcher over a GPU's double, which may be lost, and the stand-in.
TEST_F(DispatcherTest, ALostBatchIsDoneAgainWhileItsEngineIsStillBusy) {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::make_unique<EngineDouble>("cuda"));
  auto* gpu = static_cast<EngineDouble*>(engines.back().get());
  engines.push_back(make_openssl_ecb_engine());
  std::vector<std::string> alarms;
  ASSERT_EQ(
      EnginePool::create(
          std::move(engines), make_openssl_engine(), "cuda",
          [&](std::string_view, std::string_view reason) { alarms.emplace_back(reason); }, &pool_),
      Status());
  machine_ = describe(*pool_, clock_, 1);
  ASSERT_EQ(machine_.device_slots.size(), 2U);
  ASSERT_GT(machine_.engines[0].batch_us_max, 0U);
  machine_.engines[0].batch_us_max = 20'000;
  gpu->then = [this](const CheckedBatch&, const BatchResult& result) {
    gate_.pass();
    for (std::uint8_t& octet : result.ak) octet = 0xEE;
    return Status();
  };
  start();
  {
    TestJob job(shape(50));
    submit(&job);
    EXPECT_EQ(job.wait(), Outcome::kDone);
    EXPECT_EQ(job.served().engine, "openssl");
    EXPECT_EQ(job.difference(), "");
  }
  EXPECT_FALSE(pool_->serves(0));
  gate_.open();
  dispatcher_.reset();
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0], "a batch did not come back");
}

TEST_F(DispatcherTest, TwoEnginesWorkAtOnce) {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::make_unique<EngineDouble>("cuda"));
  engines.push_back(std::make_unique<EngineDouble>("simd"));
  EngineDouble* doubles[] = {static_cast<EngineDouble*>(engines[0].get()),
                             static_cast<EngineDouble*>(engines[1].get())};
  engines.push_back(make_openssl_ecb_engine());
  ASSERT_EQ(EnginePool::create(std::move(engines), make_openssl_engine(), kAutoEngine, {}, &pool_),
            Status());
  machine_ = describe(*pool_, clock_, 1);
  for (scheduler::EngineSpec& spec : machine_.engines) {
    spec.costs.fill(scheduler::CostModel(spec.last_resort ? 100'000 : 100, 1));
  }
  for (EngineDouble* engine : doubles) {
    engine->then = [this](const CheckedBatch&, const BatchResult&) {
      gate_.pass();
      return Status();
    };
  }
  start(Verify::kAll, {.batch_items = 1'000});
  // Each takes a part while the others are busy: the GPU has two slots.
  TestJob job(shape(3'000));
  submit(&job);
  gate_.wait_for_arrivals(3);
  gate_.open();
  EXPECT_EQ(job.wait(), Outcome::kDone);
  EXPECT_EQ(job.difference(), "");
  EXPECT_TRUE(job.served().engine == "cuda+simd" || job.served().engine == "simd+cuda")
      << job.served().engine;
  EXPECT_TRUE(job.served().verified);
}

TEST_F(DispatcherTest, TellsItsLoad) {
  start_busy({.queue_requests = 2});
  TestJob waits(shape(4));
  submit(&waits);
  TestJob refused(shape(4));
  submit(&refused, Admission::kQueueFull);
  EXPECT_EQ(dispatcher_->preview("caller", 1).admission, Admission::kQueueFull);
  const Load load = dispatcher_->load();
  EXPECT_EQ(load.held.requests, 2U);
  EXPECT_EQ(load.held.items, 5U);
  EXPECT_EQ(load.waiting_requests, 1U);
  EXPECT_EQ(load.callers, 1U);
  EXPECT_EQ(load.counts.of(Admission::kAccepted), 2U);
  EXPECT_EQ(load.counts.of(Admission::kQueueFull), 2U);
  EXPECT_EQ(load.counts.batches, 1U);
  ASSERT_EQ(load.engines.size(), 2U);
  EXPECT_EQ(load.engines[0].name, "fast");
  EXPECT_TRUE(load.engines[0].serves);
  EXPECT_GT(load.engines[0].costs[0].ams_us(), 0);
  pool_->quarantine(*fast_, "not needed any more");
  EXPECT_FALSE(dispatcher_->load().engines[0].serves);
  EXPECT_EQ(dispatcher_->load().engines[0].quarantines, 1U);
  gate_.open();
  EXPECT_EQ(waits.wait(), Outcome::kDone);
  EXPECT_TRUE(dispatcher_->wait_idle(60s));
  EXPECT_EQ(dispatcher_->load().counts.of(Outcome::kDone), 2U);
  EXPECT_EQ(dispatcher_->load().held, scheduler::Holding{});
}

TEST_F(DispatcherTest, ThePinMovesWhileItServes) {
  start();
  for (const std::size_t place : {1U, 0U, 1U}) {
    dispatcher_->pin(place);
    TestJob job(shape(5));
    submit(&job);
    EXPECT_EQ(job.wait(), Outcome::kDone);
    EXPECT_EQ(job.served().engine, pool_->engine(place).name());
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
        EXPECT_EQ(job.wait(), Outcome::kDone);
        EXPECT_EQ(job.difference(), "");
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace rekey::dispatch
