// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace rekey::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const GroupKey kDraft{.profile = Profile::k16mDraft};
const GroupKey kLegacy{.profile = Profile::kLegacy16e};

Work work(WorkId id, std::uint32_t items = 1, std::string_view caller = "a",
          const GroupKey& group = kDraft, Priority priority = Priority::kHandover) {
  return {.id = id,
          .caller = caller,
          .group = group,
          .items = items,
          .octets = items,
          .priority = priority};
}

/// One engine with `slots`, which takes 10 us and 0.1 us an AMS.
Machine one_engine(std::uint32_t slots = 1) {
  Machine machine{.device_slots = {slots}, .engines = std::vector<EngineSpec>(1)};
  machine.engines[0].costs.fill(CostModel(10, 0.1));
  return machine;
}

/// A fast engine, and one of last resort.
Machine two_engines() {
  Machine machine{.device_slots = {1, 1}, .engines = std::vector<EngineSpec>(2)};
  machine.engines[0].costs.fill(CostModel(10, 0.1));
  machine.engines[1].costs.fill(CostModel(10, 1));
  machine.engines[1].device = 1;
  machine.engines[1].last_resort = true;
  return machine;
}

/// A scheduler and what it did.
struct Driver {
  explicit Driver(const Limits& limits = {}, Machine machine = one_engine(), Shares shares = {})
      : scheduler(limits, std::move(machine), std::move(shares)) {}

  Admission submit(const Work& what, std::uint64_t now_us = 0) {
    return scheduler.submit(what, now_us).admission;
  }
  std::vector<Piece> take(std::uint64_t now_us = 0) {
    batch = scheduler.take_batch(now_us);
    return batch ? batch->pieces : std::vector<Piece>();
  }
  void done(std::uint64_t now_us = 0) {
    // As long as it was expected to take, so that nothing is learnt.
    const std::size_t profile = static_cast<std::size_t>(batch->group.profile);
    const CostModel cost = scheduler.router().spec(batch->engine).costs[profile];
    scheduler.complete(batch->id, BatchOutcome::kDone, cost.predict_us(batch->effort), now_us);
  }
  std::vector<Finished> finished() { return scheduler.take_finished(); }

  Scheduler scheduler;
  std::optional<Batch> batch;
};

/// Says what a scheduler hands out for work, at once or in two steps.
std::vector<Batch> batches_of(bool at_once, const std::vector<Work>& all) {
  Limits limits;
  limits.background_period = 2;
  Driver driver(limits);
  std::vector<Batch> batches;
  std::uint64_t now_us = 0;
  for (const Work& each : all) {
    now_us += 1'000;
    std::optional<Batch> batch;
    EXPECT_TRUE(driver.scheduler.submit(each, now_us, at_once ? &batch : nullptr).accepted());
    if (!batch) batch = driver.scheduler.take_batch(now_us);
    while (batch) {
      driver.batch = batch;
      batches.push_back(*batch);
      driver.done(now_us);
      batch = driver.scheduler.take_batch(now_us);
    }
  }
  EXPECT_TRUE(driver.scheduler.idle());
  EXPECT_EQ(driver.finished().size(), all.size());
  return batches;
}

TEST(Scheduler, HandsOutAtOnceWhatItWouldHandOutInTwoSteps) {
  std::vector<Work> all = {work(1, 3, "a"), work(2, 60'000, "b"), work(3, 1, "a", kLegacy),
                           work(4, 2, "c"), work(5, 1, "b")};
  all[3].priority = Priority::kBackground;
  all[4].effort = 7;
  const std::vector<Batch> in_two_steps = batches_of(false, all);
  const std::vector<Batch> at_once = batches_of(true, all);
  ASSERT_EQ(at_once.size(), in_two_steps.size());
  for (std::size_t i = 0; i < at_once.size(); ++i) {
    EXPECT_EQ(at_once[i].id, in_two_steps[i].id);
    EXPECT_EQ(at_once[i].engine, in_two_steps[i].engine);
    EXPECT_EQ(at_once[i].priority, in_two_steps[i].priority);
    EXPECT_EQ(at_once[i].pieces, in_two_steps[i].pieces);
    EXPECT_EQ(at_once[i].effort, in_two_steps[i].effort);
  }
}

TEST(Scheduler, WhatIsHandedOutAtOnceCountsForItsCaller) {
  Driver driver;
  std::optional<Batch> batch;
  ASSERT_TRUE(driver.scheduler.submit(work(1, 4'000, "a"), 0, &batch).accepted());
  ASSERT_TRUE(batch);
  driver.submit(work(2, 60'000, "a"));
  driver.submit(work(3, 10, "b"));
  driver.batch = batch;
  driver.done();
  // `a` has had its turn.
  EXPECT_EQ(driver.take().front().id, 3U);
}

TEST(Scheduler, NothingIsHandedOutAtOnceWhileOthersWait) {
  Driver driver;
  driver.submit(work(1));
  std::optional<Batch> batch;
  ASSERT_TRUE(driver.scheduler.submit(work(2), 0, &batch).accepted());
  EXPECT_FALSE(batch);
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 0, 1}, Piece{2, 0, 1}));
}

TEST(Scheduler, StartsIdle) {
  Driver driver;
  EXPECT_TRUE(driver.scheduler.idle());
  EXPECT_THAT(driver.take(), IsEmpty());
  EXPECT_EQ(driver.scheduler.wake_us(), kNever);
}

TEST(Scheduler, AnIdleEngineTakesALoneRequestAtOnce) {
  Driver driver;
  ASSERT_EQ(driver.submit(work(7, 3), 100), Admission::kAccepted);
  EXPECT_THAT(driver.take(130), ElementsAre(Piece{7, 0, 3}));
  EXPECT_EQ(driver.batch->items, 3U);
  EXPECT_EQ(driver.batch->group, kDraft);
  EXPECT_FALSE(driver.scheduler.idle());
  driver.done(150);
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{7, Outcome::kDone, 30}));
  EXPECT_TRUE(driver.scheduler.idle());
}

TEST(Scheduler, WhatCameWhileTheEngineWasBusySharesABatch) {
  Driver driver;
  driver.submit(work(1));
  driver.take();
  driver.submit(work(2, 2, "a"));
  driver.submit(work(3, 3, "b"));
  driver.submit(work(4, 4, "c", kLegacy));
  EXPECT_THAT(driver.take(), IsEmpty());
  driver.done();
  EXPECT_THAT(driver.take(), ElementsAre(Piece{3, 0, 3}, Piece{2, 0, 2})) << "a was served before";
  driver.done();
  EXPECT_THAT(driver.take(), ElementsAre(Piece{4, 0, 4}));
}

// ---- Large requests ----

TEST(Scheduler, ALargeRequestIsCutByTimeAndAnsweredOnce) {
  Driver driver({.batch_us = 510});
  driver.submit(work(1, 12'000));
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 0, 5'000}));
  driver.done();
  EXPECT_THAT(driver.finished(), IsEmpty());
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 5'000, 5'000}));
  driver.done();
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 10'000, 2'000}));
  driver.done();
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{1, Outcome::kDone, 0}));
}

TEST(Scheduler, ASmallRequestOvertakesTheRestOfALargeOne) {
  Driver driver({.batch_us = 510});
  driver.submit(work(1, 60'000, "large"));
  driver.take();
  driver.submit(work(2, 10, "small", kLegacy));
  driver.submit(work(3, 10, "small too"));
  driver.done();
  EXPECT_THAT(driver.take(), ElementsAre(Piece{2, 0, 10}));
  driver.done();
  EXPECT_THAT(driver.take(), ElementsAre(Piece{3, 0, 10}, Piece{1, 5'000, 4'990}));
}

TEST(Scheduler, CallersShareABatchThatIsTooSmallForAll) {
  Driver driver({.batch_us = 1'510});
  driver.submit(work(1, 60'000, "a"));
  driver.take();
  driver.submit(work(2, 60'000, "b"));
  driver.submit(work(3, 60'000, "c"));
  driver.done();
  ASSERT_FALSE(driver.take().empty());
  std::map<WorkId, std::uint32_t> items;
  for (const Piece& piece : driver.batch->pieces) items[piece.id] += piece.items;
  EXPECT_NEAR(items[2], 7'500, 4'096);
  EXPECT_NEAR(items[3], 7'500, 4'096);
}

TEST(Scheduler, SeveralEnginesDeriveOneRequestTogether) {
  Driver driver({.batch_us = 2'000}, two_engines());
  driver.submit(work(1, 60'000));
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 0, 19'900}));
  EXPECT_EQ(driver.batch->engine, 0U);
  const BatchId first = driver.batch->id;
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 19'900, 1'990}));
  EXPECT_EQ(driver.batch->engine, 1U);
  EXPECT_THAT(driver.take(), IsEmpty());
  driver.done();
  driver.scheduler.complete(first, BatchOutcome::kDone, 1, 0);
  EXPECT_THAT(driver.finished(), IsEmpty());
}

TEST(Scheduler, OctetsLimitABatchToo) {
  Driver driver({.batch_octets = 10});
  driver.submit(work(1));
  driver.take();
  Work heavy = work(2);
  heavy.octets = 9;
  driver.submit(heavy);
  driver.submit(work(3, 2));
  driver.done();
  EXPECT_THAT(driver.take(), ElementsAre(Piece{2, 0, 1}));
}

// ---- Beside the slots ----

/// A large request is being derived, and more of it waits.
struct BusyDriver : Driver {
  BusyDriver() {
    submit(work(1, 60'000, "large"));
    take();
  }
  /// What submit() hands out of small work.
  std::vector<Piece> submit_small(WorkId id, std::string_view caller = "small",
                                  std::uint32_t items = 16,
                                  Priority priority = Priority::kHandover) {
    beside.reset();
    const Work small = work(id, items, caller, kDraft, priority);
    EXPECT_TRUE(scheduler.submit(small, 0, &beside).accepted());
    return beside ? beside->pieces : std::vector<Piece>();
  }

  std::optional<Batch> beside;
};

TEST(Scheduler, SmallWorkGoesBesideABusyEngine) {
  BusyDriver driver;
  EXPECT_THAT(driver.submit_small(2), ElementsAre(Piece{2, 0, 16}));
  EXPECT_TRUE(driver.beside->beside);
  const BatchId first = driver.beside->id;
  EXPECT_THAT(driver.submit_small(3, "another"), IsEmpty()) << "as many as there are slots";
  driver.scheduler.complete(first, BatchOutcome::kDone, 15, 20);
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{2, Outcome::kDone, 0}));
  EXPECT_THAT(driver.submit_small(4, "third"), ElementsAre(Piece{4, 0, 16}));
}

TEST(Scheduler, WhatTakesLongGoesBesideNothing) {
  BusyDriver driver;
  EXPECT_THAT(driver.submit_small(2, "small", 901), IsEmpty()) << "10 us and 0.1 us an AMS";
  EXPECT_THAT(driver.submit_small(3, "another", 900), ElementsAre(Piece{3, 0, 900}));
}

TEST(Scheduler, WhoseTurnItIsNotWaits) {
  BusyDriver driver;
  EXPECT_THAT(driver.submit_small(2, "large"), IsEmpty()) << "more of this caller waits";
  driver.submit_small(3);
  driver.scheduler.complete(driver.beside->id, BatchOutcome::kDone, 15, 20);
  // Somebody else begins to wait at the same place, and is behind from then on.
  driver.submit(work(4, 10, "third"));
  EXPECT_THAT(driver.submit_small(5), IsEmpty());
}

TEST(Scheduler, BackgroundWorkGoesBesideNothingThatIsNot) {
  BusyDriver driver;
  EXPECT_THAT(driver.submit_small(2, "small", 16, Priority::kBackground), IsEmpty());
}

TEST(Scheduler, OnlySoManyGoBesideTheSlotsBetweenTwoBatches) {
  BusyDriver driver;
  WorkId id = 2;
  for (std::uint32_t i = 0; i < kMostBeside; ++i, ++id) {
    ASSERT_EQ(driver.submit_small(id, "small " + std::to_string(id)).size(), 1U);
    driver.scheduler.complete(driver.beside->id, BatchOutcome::kDone, 15, 0);
  }
  EXPECT_THAT(driver.submit_small(id, "one more"), IsEmpty());
  driver.done();
  driver.take();
  EXPECT_EQ(driver.submit_small(id + 1, "after it").size(), 1U);
}

// ---- Admission ----

TEST(Scheduler, EveryLimitHoldsUntilARequestIsAnswered) {
  const Limits limits[] = {{.queue_requests = 2}, {.queue_items = 5}, {.queue_octets = 5}};
  for (const Limits& limit : limits) {
    Driver driver(limit);
    ASSERT_EQ(driver.submit(work(1, 3, "a")), Admission::kAccepted);
    ASSERT_EQ(driver.submit(work(2, 2, "b")), Admission::kAccepted);
    const Answer answer = driver.scheduler.submit(work(3, 1, "c"), 0);
    EXPECT_EQ(answer.admission, Admission::kQueueFull);
    EXPECT_GE(answer.retry_us, 1'000U);
    if (limit.queue_octets > 5) {
      EXPECT_EQ(driver.scheduler.preview("c", 1, 0).admission, Admission::kQueueFull);
    }
    driver.take();
    EXPECT_EQ(driver.submit(work(3, 1, "c")), Admission::kQueueFull) << "not answered yet";
    driver.done();
    EXPECT_EQ(driver.submit(work(3, 1, "c")), Admission::kAccepted);
  }
}

TEST(Scheduler, EveryLimitOfACallerHoldsAndLeavesRoomForOthers) {
  const Limits limits[] = {{.caller_requests = 1}, {.caller_items = 5}, {.caller_octets = 5}};
  for (const Limits& limit : limits) {
    Driver driver(limit);
    ASSERT_EQ(driver.submit(work(1, 5, "a")), Admission::kAccepted);
    const Answer answer = driver.scheduler.submit(work(2, 1, "a"), 0);
    EXPECT_EQ(answer.admission, Admission::kCallerFull);
    EXPECT_GE(answer.retry_us, 1'000U);
    EXPECT_EQ(driver.submit(work(2, 1, "b")), Admission::kAccepted);
  }
}

TEST(Scheduler, TheLastEighthOfTheQueueIsForThoseWhoHoldLittle) {
  const Limits limits[] = {{.queue_requests = 16}, {.queue_items = 16}, {.queue_octets = 16}};
  for (const Limits& limit : limits) {
    Driver driver(limit);
    WorkId id = 1;
    for (; id <= 14; ++id) {
      const char* flooding = id % 2 == 0 ? "a" : "b";
      ASSERT_EQ(driver.submit(work(id, 1, flooding)), Admission::kAccepted);
    }
    for (const char* flooding : {"a", "b"}) {
      const Answer answer = driver.scheduler.submit(work(id, 1, flooding), 0);
      EXPECT_EQ(answer.admission, Admission::kCallerFull);
      EXPECT_GE(answer.retry_us, 1'000U);
    }
    EXPECT_EQ(driver.submit(work(id, 1, "c")), Admission::kAccepted);
    EXPECT_EQ(driver.submit(work(++id, 1, "c")), Admission::kAccepted);
    EXPECT_EQ(driver.submit(work(++id, 1, "c")), Admission::kQueueFull);
  }
}

TEST(Scheduler, WhoHoldsNothingMayFillTheQueue) {
  Driver driver({.queue_items = 16});
  EXPECT_EQ(driver.submit(work(1, 16)), Admission::kAccepted);
}

TEST(Scheduler, WhatNeverFitsIsTooLarge) {
  Driver driver({.caller_items = 10});
  EXPECT_EQ(driver.submit(work(1, 11)), Admission::kTooLarge);
  EXPECT_EQ(driver.scheduler.submit(work(1, 11), 0).retry_us, 0U);
}

TEST(Scheduler, ACallerOverItsRateIsToldWhenToComeAgain) {
  Shares shares;
  shares.named["a"] = {.items_per_s = 1'000, .burst_items = 5};
  Driver driver({}, one_engine(), shares);
  ASSERT_EQ(driver.submit(work(1, 15, "a")), Admission::kAccepted);
  const Answer answer = driver.scheduler.submit(work(2, 1, "a"), 0);
  EXPECT_EQ(answer.admission, Admission::kRateLimited);
  EXPECT_EQ(driver.submit(work(2, 1, "b")), Admission::kAccepted);
  EXPECT_EQ(driver.submit(work(3, 1, "a"), answer.retry_us), Admission::kAccepted);
}

TEST(Scheduler, WorkSubmittedTogetherIsLetInByOneDecision) {
  Shares shares;
  shares.named["a"] = {.items_per_s = 1'000, .burst_items = 5};
  Driver driver({.caller_requests = 4, .caller_items = 40}, one_engine(), shares);
  const std::vector<Work> three = {work(1, 10, "a"), work(2, 10, "a", kLegacy), work(3, 10, "a")};
  ASSERT_TRUE(driver.scheduler.submit_together(three, 0).accepted()) << "overdrawn together";
  EXPECT_EQ(driver.scheduler.held(), (Holding{3, 30, 30}));
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 0, 10}, Piece{3, 0, 10}));
  driver.done();
  EXPECT_THAT(driver.take(), ElementsAre(Piece{2, 0, 10}));
  driver.done();
  EXPECT_EQ(driver.finished().size(), 3U);

  const std::vector<Work> next = {work(4, 10, "a"), work(5, 10, "a", kLegacy)};
  const Answer answer = driver.scheduler.submit_together(next, 0);
  EXPECT_EQ(answer.admission, Admission::kRateLimited);
  EXPECT_EQ(driver.scheduler.submit_together(next, answer.retry_us / 2).admission,
            Admission::kRateLimited);
  EXPECT_TRUE(driver.scheduler.submit_together(next, answer.retry_us).accepted())
      << "what was refused has cost nothing";
  EXPECT_EQ(driver.scheduler.counts().of(Admission::kAccepted), 5U);
  EXPECT_EQ(driver.scheduler.counts().of(Admission::kRateLimited), 2U);
}

TEST(Scheduler, WhatIsInTheWayOfOneIsInTheWayOfAll) {
  Driver driver({.queue_items = 100, .caller_requests = 3, .caller_items = 20});
  const auto together = [&driver](const std::vector<Work>& works) {
    const Admission admission = driver.scheduler.submit_together(works, 5).admission;
    EXPECT_TRUE(driver.scheduler.idle());
    return admission;
  };
  EXPECT_EQ(together({work(1, 10), work(2, 11)}), Admission::kTooLarge);
  EXPECT_EQ(together({work(1), work(2), work(3), work(4)}), Admission::kTooLarge);
  Work late = work(2);
  late.deadline_us = 4;
  EXPECT_EQ(together({work(1), late}), Admission::kTooLate);
  ASSERT_EQ(driver.submit(work(5, 10)), Admission::kAccepted);
  EXPECT_EQ(driver.scheduler.submit_together(std::vector{work(1, 5), work(2, 6)}, 5).admission,
            Admission::kCallerFull);
  EXPECT_EQ(driver.scheduler.held(), (Holding{1, 10, 10}));
}

TEST(Scheduler, OtherBoundsHoldForWhatComesAfter) {
  Driver driver({.queue_items = 20, .caller_items = 20});
  ASSERT_EQ(driver.submit(work(1, 12, "a")), Admission::kAccepted);
  driver.scheduler.set_limits({.queue_items = 20, .caller_items = 10}, {}, 0);
  EXPECT_EQ(driver.submit(work(2, 1, "a")), Admission::kCallerFull);
  EXPECT_EQ(driver.submit(work(2, 11, "b")), Admission::kTooLarge);
  EXPECT_EQ(driver.submit(work(2, 5, "b")), Admission::kAccepted);
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 0, 12}, Piece{2, 0, 5})) << "what was stays";
  driver.scheduler.set_limits({.queue_items = 40, .caller_items = 30}, {}, 0);
  EXPECT_EQ(driver.submit(work(3, 13, "a")), Admission::kAccepted);
}

TEST(Scheduler, TheRetryDelayGrowsWithWhatWaits) {
  Driver driver({.queue_items = 1'000'000});
  driver.submit(work(1, 100'000, "a"));
  const std::uint64_t short_us = driver.scheduler.submit(work(2, 950'000, "b"), 0).retry_us;
  driver.submit(work(3, 800'000, "c"));
  const std::uint64_t long_us = driver.scheduler.submit(work(4, 950'000, "b"), 0).retry_us;
  EXPECT_GT(long_us, 5 * short_us);
}

// ---- Priorities ----

TEST(Scheduler, HandoverGoesFirst) {
  Driver driver;
  driver.submit(work(1));
  driver.take();
  driver.submit(work(2, 1, "a", kDraft, Priority::kBackground));
  driver.submit(work(3));
  driver.done();
  EXPECT_THAT(driver.take(), ElementsAre(Piece{3, 0, 1}));
}

TEST(Scheduler, BackgroundGetsOneBatchOfEveryEight) {
  Driver driver({.batch_items = 1});
  WorkId id = 0;
  for (int i = 0; i < 40; ++i) {
    driver.submit(work(++id));
    driver.submit(work(++id, 1, "a", kDraft, Priority::kBackground));
  }
  for (int i = 1; i <= 40; ++i) {
    driver.take();
    const Priority expected = i % 8 == 0 ? Priority::kBackground : Priority::kHandover;
    EXPECT_EQ(driver.batch->priority, expected) << "batch " << i;
    driver.done();
  }
}

// ---- Deadlines ----

Work urgent(WorkId id, std::uint32_t items, std::uint64_t deadline_us) {
  Work what = work(id, items);
  what.deadline_us = deadline_us;
  return what;
}

TEST(Scheduler, WhatCannotBeDoneInTimeAnyMoreIsDroppedThen) {
  Driver driver;
  driver.submit(work(1));
  driver.take();
  // Takes 20 us once it is begun.
  driver.submit(urgent(2, 100, 1'000), 100);
  EXPECT_EQ(driver.scheduler.wake_us(), 981U);
  driver.scheduler.advance(980);
  EXPECT_THAT(driver.finished(), IsEmpty());
  driver.scheduler.advance(981);
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{2, Outcome::kExpired, 881}));
}

TEST(Scheduler, AnIdleEngineTriesWhatSeemsTooTight) {
  Driver driver;
  EXPECT_EQ(driver.submit(urgent(1, 10'000, 110), 100), Admission::kAccepted);
  EXPECT_FALSE(driver.take(100).empty());
  EXPECT_EQ(driver.submit(urgent(2, 1, 99), 100), Admission::kTooLate);
}

TEST(Scheduler, ABatchIsClosedByItsTightestDeadline) {
  Driver driver;
  driver.submit(work(1, 10, "c"));
  driver.take();
  // 10 us and 0.1 us an AMS: 4,900 AMSs in 500 us.
  driver.submit(urgent(2, 100, 500));
  driver.submit(work(3, 19'000, "b"));
  driver.done();
  EXPECT_THAT(driver.take(0), ElementsAre(Piece{2, 0, 100}, Piece{3, 0, 4'800}));
}

TEST(Scheduler, OfWhatIsHalfDoneOnlyTheRestIsDropped) {
  Driver driver({.batch_us = 110}, one_engine(2));
  driver.submit(urgent(1, 3'000, 1'000));
  driver.take();
  const BatchId first = driver.batch->id;
  driver.take();
  driver.scheduler.advance(2'000);
  EXPECT_THAT(driver.finished(), IsEmpty()) << "two parts are in engines";
  driver.done(2'000);
  driver.scheduler.complete(first, BatchOutcome::kDone, 1, 2'000);
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{1, Outcome::kExpired, 0}));
  EXPECT_TRUE(driver.scheduler.idle());
}

// ---- Cancel, drain ----

TEST(Scheduler, CancelForgetsWhatIsInNoEngine) {
  Driver driver;
  driver.submit(work(1));
  driver.take();
  driver.submit(work(2));
  EXPECT_TRUE(driver.scheduler.cancel(2, 0));
  EXPECT_FALSE(driver.scheduler.cancel(2, 0));
  EXPECT_FALSE(driver.scheduler.cancel(1, 0)) << "in an engine";
  driver.done();
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{1, Outcome::kCancelled, 0}));
  EXPECT_EQ(driver.scheduler.held(), Holding{});
}

TEST(Scheduler, TheRestOfACancelledRequestIsNotHandedOut) {
  Driver driver({.batch_us = 110});
  driver.submit(work(1, 10'000));
  driver.take();
  EXPECT_FALSE(driver.scheduler.cancel(1, 0));
  driver.done();
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{1, Outcome::kCancelled, 0}));
  EXPECT_THAT(driver.take(), IsEmpty());
}

TEST(Scheduler, DrainRefusesNewWorkAndHandsOutTheRest) {
  Driver driver;
  driver.submit(work(1));
  driver.scheduler.begin_drain();
  EXPECT_EQ(driver.submit(work(2)), Admission::kDraining);
  EXPECT_FALSE(driver.scheduler.idle());
  EXPECT_FALSE(driver.take().empty());
  driver.done();
  EXPECT_TRUE(driver.scheduler.idle());
}

// ---- Engines that fail ----

TEST(Scheduler, WhatALyingEngineDidIsDoneAgainByAnother) {
  Driver driver({}, two_engines());
  driver.submit(work(1, 5));
  driver.take();
  EXPECT_EQ(driver.batch->engine, 0U);
  driver.scheduler.complete(driver.batch->id, BatchOutcome::kWrong, 0, 10);
  EXPECT_THAT(driver.finished(), IsEmpty());
  EXPECT_THAT(driver.take(10), ElementsAre(Piece{1, 0, 5}));
  EXPECT_EQ(driver.batch->engine, 1U);
  driver.done();
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{1, Outcome::kDone, 0}));
}

TEST(Scheduler, WhatAnEngineWasDoingWhenItWasFoundOutIsDoneAgainToo) {
  Machine machine = two_engines();
  machine.device_slots[0] = 2;
  Driver driver({.batch_items = 1}, machine);
  driver.submit(work(1, 1));
  driver.submit(work(2, 1));
  driver.take();
  const BatchId first = driver.batch->id;
  driver.take();
  driver.scheduler.complete(first, BatchOutcome::kWrong, 0, 0);
  driver.done();
  EXPECT_THAT(driver.finished(), IsEmpty());
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 0, 1}));
}

TEST(Scheduler, WhatAnEngineDidOfAnUnansweredRequestBeforeIsDoneAgainToo) {
  Driver driver({.batch_us = 110}, two_engines());
  driver.submit(work(1, 3'000));
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 0, 1'024}));
  driver.done();
  driver.take();
  driver.scheduler.complete(driver.batch->id, BatchOutcome::kWrong, 0, 0);
  driver.take();
  EXPECT_EQ(driver.batch->engine, 1U);
  EXPECT_EQ(driver.batch->pieces.front().first_item, 0U);
}

TEST(Scheduler, ALostBatchIsDoneAgainAndMayComeBackLate) {
  Machine machine = two_engines();
  machine.engines[0].batch_us_max = 1'000;
  Driver driver({}, machine);
  driver.submit(work(1, 5));
  driver.take();
  const BatchId lost = driver.batch->id;
  driver.scheduler.advance(5'000);
  EXPECT_TRUE(driver.scheduler.router().serves(0)) << "it still uses the requests' memory";
  driver.scheduler.detach(lost, 6'000);
  EXPECT_EQ(driver.scheduler.wake_us(), 7'000U);
  driver.scheduler.advance(7'000);
  EXPECT_FALSE(driver.scheduler.attach(lost));
  EXPECT_THAT(driver.scheduler.take_lost_engines(), ElementsAre(0U));
  EXPECT_FALSE(driver.scheduler.router().serves(0));
  EXPECT_THAT(driver.take(7'000), ElementsAre(Piece{1, 0, 5}));
  EXPECT_EQ(driver.batch->engine, 1U);
  EXPECT_FALSE(driver.scheduler.complete(lost, BatchOutcome::kDone, 1, 7'001));
  EXPECT_THAT(driver.finished(), IsEmpty()) << "its keys are not used";
  driver.done(7'002);
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{1, Outcome::kDone, 0}));
}

TEST(Scheduler, AnEngineComesBackOnceItPassesItsProbe) {
  Driver driver({.probe_us = 100}, two_engines());
  driver.scheduler.quarantine(0, 0);
  EXPECT_EQ(driver.scheduler.wake_us(), 100U);
  EXPECT_EQ(driver.scheduler.take_probe(100), 0U);
  driver.submit(work(1), 100);
  driver.take(100);
  EXPECT_EQ(driver.batch->engine, 1U);
  driver.done(100);
  driver.scheduler.probed(0, true, 110);
  driver.submit(work(2), 110);
  driver.take(110);
  EXPECT_EQ(driver.batch->engine, 0U);
}

TEST(Scheduler, ARequestThatMakesBatchesFailEndsAlone) {
  Driver driver({.attempts = 3}, two_engines());
  driver.submit(work(1, 1, "poison"));
  driver.submit(work(2, 1, "good"));
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 0, 1}, Piece{2, 0, 1}));
  driver.scheduler.complete(driver.batch->id, BatchOutcome::kFailed, 0, 0);
  EXPECT_EQ(driver.take().size(), 2U);
  driver.scheduler.complete(driver.batch->id, BatchOutcome::kFailed, 0, 0);
  EXPECT_THAT(driver.take(), ElementsAre(Piece{1, 0, 1})) << "whose fault is it";
  driver.scheduler.complete(driver.batch->id, BatchOutcome::kFailed, 0, 0);
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{1, Outcome::kFailed, 0}));
  EXPECT_THAT(driver.take(), ElementsAre(Piece{2, 0, 1}));
  driver.done();
  EXPECT_THAT(driver.finished(), ElementsAre(Finished{2, Outcome::kDone, 0}));
}

TEST(Scheduler, WithoutAnEngineWhatWaitsEndsAndNothingIsAccepted) {
  Driver driver({.batch_items = 1}, two_engines());
  for (WorkId id = 1; id <= 3; ++id) driver.submit(work(id));
  driver.take();
  driver.scheduler.complete(driver.batch->id, BatchOutcome::kDone, 1, 5);
  driver.finished();
  driver.scheduler.quarantine(1, 5);
  EXPECT_THAT(driver.finished(),
              ElementsAre(Finished{2, Outcome::kNoEngine, 5}, Finished{3, Outcome::kNoEngine, 5}));
  const Answer answer = driver.scheduler.submit(work(4), 5);
  EXPECT_EQ(answer.admission, Admission::kNoEngine);
  EXPECT_GT(answer.retry_us, 0U);
}

// ---- Fairness, as callers see it ----

/// How long a caller with one small request at a time waits at most, in the time of a fake clock,
/// while another one, or nobody, floods.
std::uint64_t longest_wait_us(bool flooded) {
  Driver driver;
  WorkId id = 0;
  std::uint64_t now_us = 0;
  std::uint64_t longest_us = 0;
  for (int round = 0; round < 200; ++round) {
    if (flooded) {
      while (driver.submit(work(++id, 65'536, "flood"), now_us) == Admission::kAccepted) {
      }
    }
    // An engine is in the midst of a batch when the small request comes.
    if (!driver.batch) driver.take(now_us);
    const WorkId small = ++id;
    const std::uint64_t asked_us = now_us;
    EXPECT_EQ(driver.submit(work(small, 64, "small"), now_us), Admission::kAccepted);
    for (bool answered = false; !answered;) {
      if (!driver.batch) driver.take(now_us);
      now_us += driver.scheduler.router().spec(0).costs[0].predict_us(driver.batch->effort);
      driver.done(now_us);
      driver.batch.reset();
      for (const Finished& finished : driver.finished()) answered |= finished.id == small;
    }
    longest_us = std::max(longest_us, now_us - asked_us);
  }
  return longest_us;
}

TEST(Scheduler, AFloodKeepsASmallCallerWaitingForTwoBatchesAtMost) {
  const Limits limits;
  EXPECT_LE(longest_wait_us(true), 2 * limits.batch_us + longest_wait_us(false));
}

}  // namespace
}  // namespace rekey::scheduler
