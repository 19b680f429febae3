// SPDX-License-Identifier: Apache-2.0
#include "contexts/event_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <vector>

#include "contexts/store/memory_store.h"

namespace rekey::contexts {
namespace {

/// GatedStore has nothing but events. Once it is gone, each read of them fails when it is let go
/// on.
class GatedStore final : public ContextStore {
 public:
  void append(std::size_t events) {
    RecordChange change{"record " + std::to_string(++records_), 0, SecretBuffer(), {}};
    for (std::size_t i = 0; i < events; ++i) change.events.push_back(std::to_string(++events_));
    ChangeOutcome outcome{};
    EXPECT_EQ(inner_->write({&change, 1}, {&outcome, 1}), Status());
  }

  Status read(std::span<const std::string>, std::span<FoundRecord>) override { return {}; }
  Status write(std::span<const RecordChange>, std::span<ChangeOutcome>) override { return {}; }
  Status for_each(const Visitor&) override { return {}; }
  Status read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) override {
    ++reads;
    if (!gone) return inner_->read_events(after, limit, out_page);
    failing.release();
    go_on.acquire();
    return {Code::kUnavailable, "the store is gone"};
  }
  Status last_event(std::uint64_t* out_sequence) override {
    return inner_->last_event(out_sequence);
  }

  std::atomic<int> reads = 0;
  std::atomic<bool> gone = false;
  std::counting_semaphore<> failing{0}, go_on{0};

 private:
  std::unique_ptr<ContextStore> inner_ = make_memory_store(5'000);
  std::size_t records_ = 0, events_ = 0;
};

/// Follower takes what it is told, and waits for it.
class Follower final : public Watcher {
 public:
  Wish wish() override { return wish_; }
  void take(std::vector<ContextEvent> events) override {
    const std::lock_guard lock(mutex_);
    for (ContextEvent& event : events) told_.push_back(std::move(event.octets));
    changed_.notify_all();
  }
  void end(End why) override {
    const std::lock_guard lock(mutex_);
    ended_ = why;
    changed_.notify_all();
  }

  void set_wish(Wish wish) { wish_ = wish; }
  std::vector<std::string> wait_for(std::size_t events) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return told_.size() >= events; });
    return told_;
  }
  End wait_for_end() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_.has_value(); });
    return *ended_;
  }

 private:
  std::atomic<Wish> wish_ = Wish::kEvents;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;
  std::optional<End> ended_;
};

std::uint64_t last_of(ContextStore& store) {
  std::uint64_t last = 0;
  EXPECT_EQ(store.last_event(&last), Status());
  return last;
}

TEST(EventFeed, TellsEachWatcherWhatCameAfterTheEventItNamed) {
  GatedStore store;
  store.append(1);
  const std::uint64_t first = last_of(store);
  store.append(3'000);  // more than a page
  Follower all, later;
  EventFeed feed(&store);
  feed.add(&all, first);
  feed.add(&later, last_of(store));
  const std::vector<std::string> told = all.wait_for(3'000);
  ASSERT_EQ(told.size(), 3'000U);
  for (std::size_t i = 0; i < told.size(); ++i) ASSERT_EQ(told[i], std::to_string(i + 2));
  store.append(1);
  feed.poke();
  EXPECT_EQ(later.wait_for(1), (std::vector<std::string>{"3002"}));
  EXPECT_EQ(all.wait_for(3'001).back(), "3002");
  later.set_wish(Watcher::Wish::kEnd);
  feed.poke();
  EXPECT_EQ(later.wait_for_end(), Watcher::End::kWished);
  feed.begin_drain();
  EXPECT_EQ(all.wait_for_end(), Watcher::End::kDraining);
}

TEST(EventFeed, EndsAWatcherWhoseEventsAreGone) {
  GatedStore store;
  store.append(1);
  const std::uint64_t first = last_of(store);
  store.append(6'000);
  Follower late;
  EventFeed feed(&store);
  feed.add(&late, first);
  EXPECT_EQ(late.wait_for_end(), Watcher::End::kLost);
}

TEST(EventFeed, WaitsForAStoreThatIsGoneOnceAndNotForEachWatcher) {
  GatedStore store;
  store.gone = true;
  std::deque<Follower> watchers(50);
  EventFeed feed(&store);
  feed.add(&watchers[0], 1);
  store.failing.acquire();
  for (std::size_t i = 1; i < watchers.size(); ++i) feed.add(&watchers[i], 1);
  feed.begin_drain();
  store.go_on.release(1'000);
  for (Follower& watcher : watchers) EXPECT_EQ(watcher.wait_for_end(), Watcher::End::kDraining);
  EXPECT_LE(store.reads, 3);
}

}  // namespace
}  // namespace rekey::contexts
