// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rekey::scheduler {
namespace {

using ::testing::ElementsAre;

const GroupKey kDraft{.profile = Profile::k16mDraft};
const GroupKey kLegacy{.profile = Profile::kLegacy16e};

Work work(WorkId id, std::uint32_t items = 1, const GroupKey& group = kDraft,
          Priority priority = Priority::kHandover) {
  return {.id = id, .group = group, .items = items, .octets = items, .priority = priority};
}

std::vector<WorkId> ids(const std::optional<Batch>& batch) {
  std::vector<WorkId> result;
  if (batch) {
    for (const Member& member : batch->members) result.push_back(member.id);
  }
  return result;
}

TEST(Scheduler, StartsIdle) {
  Scheduler scheduler({});
  EXPECT_TRUE(scheduler.idle());
  EXPECT_FALSE(scheduler.has_work());
  EXPECT_FALSE(scheduler.take_batch(0).has_value());
}

TEST(Scheduler, ALoneRequestIsHandedOutAtOnce) {
  Scheduler scheduler({});
  ASSERT_EQ(scheduler.submit(work(7, 3), 100), Admission::kAccepted);
  const std::optional<Batch> batch = scheduler.take_batch(130);
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->items, 3U);
  EXPECT_EQ(batch->group, kDraft);
  ASSERT_THAT(ids(batch), ElementsAre(7));
  EXPECT_EQ(batch->members[0].queue_us, 30U);
  EXPECT_FALSE(scheduler.has_work());
}

TEST(Scheduler, IsIdleOnlyOnceBatchesAreComplete) {
  Scheduler scheduler({});
  ASSERT_EQ(scheduler.submit(work(1), 0), Admission::kAccepted);
  EXPECT_FALSE(scheduler.idle());
  const std::optional<Batch> batch = scheduler.take_batch(0);
  EXPECT_FALSE(scheduler.idle());
  scheduler.complete(*batch);
  EXPECT_TRUE(scheduler.idle());
}

TEST(Scheduler, JoinsARequestsGroupAndKeepsOthersInOrderOfArrival) {
  Scheduler scheduler({});
  ASSERT_EQ(scheduler.submit(work(1), 0), Admission::kAccepted);
  ASSERT_EQ(scheduler.submit(work(2, 1, kLegacy), 0), Admission::kAccepted);
  ASSERT_EQ(scheduler.submit(work(3), 0), Admission::kAccepted);
  ASSERT_EQ(scheduler.submit(work(4, 1, kLegacy), 0), Admission::kAccepted);
  EXPECT_THAT(ids(scheduler.take_batch(0)), ElementsAre(1, 3));
  EXPECT_THAT(ids(scheduler.take_batch(0)), ElementsAre(2, 4));
}

TEST(Scheduler, ABatchEndsBeforeTheRequestThatWouldPassItsLimits) {
  Scheduler scheduler({.batch_items = 10, .batch_octets = 10});
  ASSERT_EQ(scheduler.submit(work(1, 6), 0), Admission::kAccepted);
  ASSERT_EQ(scheduler.submit(work(2, 5), 0), Admission::kAccepted);
  ASSERT_EQ(scheduler.submit(work(3, 5), 0), Admission::kAccepted);
  EXPECT_THAT(ids(scheduler.take_batch(0)),
              ElementsAre(1));  // 2 would not fit, and 3 never passes it
  EXPECT_THAT(ids(scheduler.take_batch(0)), ElementsAre(2, 3));
}

TEST(Scheduler, OctetsLimitABatchToo) {
  Scheduler scheduler({.batch_items = 10, .batch_octets = 10});
  Work heavy = work(1, 1);
  heavy.octets = 9;
  ASSERT_EQ(scheduler.submit(heavy, 0), Admission::kAccepted);
  ASSERT_EQ(scheduler.submit(work(2, 2), 0), Admission::kAccepted);
  EXPECT_THAT(ids(scheduler.take_batch(0)), ElementsAre(1));
}

TEST(Scheduler, RefusesWhatNoBatchCanHold) {
  Scheduler scheduler({.batch_items = 10, .batch_octets = 20});
  EXPECT_EQ(scheduler.submit(work(1, 10), 0), Admission::kAccepted);
  EXPECT_EQ(scheduler.submit(work(2, 11), 0), Admission::kTooLarge);
  Work heavy = work(3, 1);
  heavy.octets = 21;
  EXPECT_EQ(scheduler.submit(heavy, 0), Admission::kTooLarge);
}

TEST(Scheduler, EveryQueueLimitHolds) {
  Scheduler requests({.queue_requests = 2});
  EXPECT_EQ(requests.submit(work(1), 0), Admission::kAccepted);
  EXPECT_EQ(requests.submit(work(2), 0), Admission::kAccepted);
  EXPECT_EQ(requests.submit(work(3), 0), Admission::kQueueFull);
  EXPECT_EQ(requests.queued_requests(), 2U);

  Scheduler items({.queue_items = 5});
  EXPECT_EQ(items.submit(work(1, 5), 0), Admission::kAccepted);
  EXPECT_EQ(items.submit(work(2, 1), 0), Admission::kQueueFull);
  EXPECT_EQ(items.queued_items(), 5U);

  Scheduler octets({.queue_octets = 5});
  EXPECT_EQ(octets.submit(work(1, 5), 0), Admission::kAccepted);
  EXPECT_EQ(octets.submit(work(2, 1), 0), Admission::kQueueFull);
  EXPECT_EQ(octets.queued_octets(), 5U);
}

TEST(Scheduler, RoomIsBackOnceABatchIsTaken) {
  Scheduler scheduler({.queue_requests = 1});
  EXPECT_EQ(scheduler.submit(work(1), 0), Admission::kAccepted);
  EXPECT_EQ(scheduler.submit(work(2), 0), Admission::kQueueFull);
  EXPECT_TRUE(scheduler.take_batch(0).has_value());
  EXPECT_EQ(scheduler.submit(work(2), 0), Admission::kAccepted);
}

TEST(Scheduler, HandoverGoesFirst) {
  Scheduler scheduler({});
  ASSERT_EQ(scheduler.submit(work(1, 1, kDraft, Priority::kBackground), 0), Admission::kAccepted);
  ASSERT_EQ(scheduler.submit(work(2), 0), Admission::kAccepted);
  EXPECT_THAT(ids(scheduler.take_batch(0)), ElementsAre(2));
  EXPECT_THAT(ids(scheduler.take_batch(0)), ElementsAre(1));
}

TEST(Scheduler, BackgroundGetsOneBatchOfEveryEight) {
  Scheduler scheduler({.batch_items = 1});
  WorkId id = 0;
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(scheduler.submit(work(++id), 0), Admission::kAccepted);
    ASSERT_EQ(scheduler.submit(work(++id, 1, kDraft, Priority::kBackground), 0),
              Admission::kAccepted);
  }
  for (int i = 1; i <= 40; ++i) {
    const Priority expected = i % 8 == 0 ? Priority::kBackground : Priority::kHandover;
    EXPECT_EQ(scheduler.take_batch(0)->priority, expected) << "batch " << i;
  }
}

TEST(Scheduler, CancelForgetsQueuedWorkOnly) {
  Scheduler scheduler({});
  ASSERT_EQ(scheduler.submit(work(1), 0), Admission::kAccepted);
  ASSERT_EQ(scheduler.submit(work(2), 0), Admission::kAccepted);
  EXPECT_TRUE(scheduler.cancel(1));
  EXPECT_FALSE(scheduler.cancel(1));
  EXPECT_THAT(ids(scheduler.take_batch(0)), ElementsAre(2));
  EXPECT_FALSE(scheduler.cancel(2));
  EXPECT_EQ(scheduler.queued_items(), 0U);
  EXPECT_EQ(scheduler.queued_octets(), 0U);
}

TEST(Scheduler, DrainRefusesNewWorkAndHandsOutTheRest) {
  Scheduler scheduler({});
  ASSERT_EQ(scheduler.submit(work(1), 0), Admission::kAccepted);
  scheduler.begin_drain();
  EXPECT_EQ(scheduler.submit(work(2), 0), Admission::kDraining);
  EXPECT_FALSE(scheduler.idle());
  const std::optional<Batch> batch = scheduler.take_batch(0);
  ASSERT_THAT(ids(batch), ElementsAre(1));
  scheduler.complete(*batch);
  EXPECT_TRUE(scheduler.idle());
}

}  // namespace
}  // namespace rekey::scheduler
