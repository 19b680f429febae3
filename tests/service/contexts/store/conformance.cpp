// SPDX-License-Identifier: Apache-2.0
#include "service/contexts/store/conformance.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

namespace rekey::contexts {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

SecretBuffer secret(std::string_view text) {
  SecretBuffer buffer(text.size());
  std::ranges::copy(text, buffer.octets().begin());
  return buffer;
}

std::string text(const FoundRecord& found) {
  const ConstOctets octets = found.value.octets();
  return {octets.begin(), octets.end()};
}

RecordChange change(std::string name, std::uint64_t expected_version,
                    std::optional<std::string_view> value, std::vector<std::string> events) {
  RecordChange change{std::move(name), expected_version, std::nullopt, std::move(events)};
  if (value) change.value = secret(*value);
  return change;
}

FoundRecord found(ContextStore& store, const std::string& name) {
  FoundRecord found;
  const Status status = store.read({&name, 1}, {&found, 1});
  EXPECT_TRUE(status.ok()) << status.message();
  return found;
}

ChangeOutcome written(ContextStore& store, const RecordChange& change) {
  ChangeOutcome outcome{};
  const Status status = store.write({&change, 1}, {&outcome, 1});
  EXPECT_TRUE(status.ok()) << status.message();
  return outcome;
}

std::map<std::string, std::string> visited(ContextStore& store) {
  std::map<std::string, std::string> all;
  const Status status = store.for_each([&all](const std::string& name, const FoundRecord& found) {
    all[name] = found.damaged() ? "damaged" : text(found);
  });
  EXPECT_TRUE(status.ok()) << status.message();
  return all;
}

EventPage events_after(ContextStore& store, std::uint64_t after, std::size_t limit) {
  EventPage page;
  const Status status = store.read_events(after, limit, &page);
  EXPECT_TRUE(status.ok()) << status.message();
  return page;
}

std::vector<std::string> octets_of(const EventPage& page) {
  std::vector<std::string> octets;
  for (const ContextEvent& event : page.events) octets.push_back(event.octets);
  return octets;
}

namespace {

TEST_P(ContextStoreTest, FindsWhatWasWritten) {
  const std::string names[] = {"000000000001", "000000000002", "000000000003"};
  const RecordChange changes[] = {change(names[0], 0, "one"),
                                  change(names[2], 0, std::string("\0three\r\n\xff", 9))};
  ChangeOutcome outcomes[2];
  ASSERT_TRUE(store_->write(changes, outcomes).ok());
  EXPECT_THAT(outcomes, ElementsAre(ChangeOutcome::kDone, ChangeOutcome::kDone));
  FoundRecord records[3];
  ASSERT_TRUE(store_->read(names, records).ok());
  EXPECT_EQ(text(records[0]), "one");
  EXPECT_FALSE(records[1].exists());
  EXPECT_FALSE(records[1].damaged());
  EXPECT_EQ(text(records[2]), std::string("\0three\r\n\xff", 9));
}

TEST_P(ContextStoreTest, KeepsAnEmptyValueApartFromNone) {
  EXPECT_EQ(written(*store_, change("empty", 0, "")), ChangeOutcome::kDone);
  EXPECT_TRUE(found(*store_, "empty").exists());
  EXPECT_EQ(found(*store_, "empty").value.size(), 0U);
}

TEST_P(ContextStoreTest, ChangesOnlyWhatIsStillAsItWasRead) {
  EXPECT_EQ(written(*store_, change("a", 0, "first")), ChangeOutcome::kDone);
  EXPECT_EQ(written(*store_, change("a", 0, "again")), ChangeOutcome::kConflict);
  const std::uint64_t first = found(*store_, "a").version;
  EXPECT_EQ(written(*store_, change("a", first, "second")), ChangeOutcome::kDone);
  EXPECT_EQ(written(*store_, change("a", first, "late")), ChangeOutcome::kConflict);
  EXPECT_EQ(written(*store_, change("a", first, std::nullopt)), ChangeOutcome::kConflict);
  EXPECT_EQ(text(found(*store_, "a")), "second");
  EXPECT_EQ(written(*store_, change("a", found(*store_, "a").version, std::nullopt)),
            ChangeOutcome::kDone);
  EXPECT_FALSE(found(*store_, "a").exists());
  EXPECT_EQ(written(*store_, change("b", first, "nobody")), ChangeOutcome::kConflict);
}

TEST_P(ContextStoreTest, EachChangeOfABatchStandsAlone) {
  ASSERT_EQ(written(*store_, change("taken", 0, "theirs")), ChangeOutcome::kDone);
  const RecordChange changes[] = {change("free", 0, "mine", {"free: made"}),
                                  change("taken", 0, "mine", {"taken: made"}),
                                  change("too", 0, "mine", {"too: made", "too: usable"})};
  ChangeOutcome outcomes[3];
  ASSERT_TRUE(store_->write(changes, outcomes).ok());
  EXPECT_THAT(outcomes,
              ElementsAre(ChangeOutcome::kDone, ChangeOutcome::kConflict, ChangeOutcome::kDone));
  EXPECT_EQ(text(found(*store_, "taken")), "theirs");
  EXPECT_THAT(octets_of(events_after(*store_, 0)),
              ElementsAre("free: made", "too: made", "too: usable"));
}

TEST_P(ContextStoreTest, VersionsGrowAlsoWithARecordMadeAnew) {
  std::uint64_t largest = 0;
  for (int round = 0; round < 5; ++round) {
    ASSERT_EQ(written(*store_, change("a", 0, "made")), ChangeOutcome::kDone);
    for (int write = 0; write < 2; ++write) {
      const std::uint64_t version = found(*store_, "a").version;
      EXPECT_GT(version, largest);
      largest = version;
      ASSERT_EQ(written(*store_, change("a", version, "changed")), ChangeOutcome::kDone);
    }
    const std::uint64_t version = found(*store_, "a").version;
    EXPECT_GT(version, largest);
    largest = version;
    ASSERT_EQ(written(*store_, change("a", version, std::nullopt)), ChangeOutcome::kDone);
    if (place_->durable()) reopen();
  }
}

TEST_P(ContextStoreTest, VisitsEveryRecordAndNothingElse) {
  std::vector<RecordChange> changes;
  std::map<std::string, std::string> expected;
  for (int i = 0; i < 2'500; ++i) {
    const std::string name = "ams-" + std::to_string(i);
    changes.push_back(change(name, 0, "value of " + name));
    expected[name] = "value of " + name;
  }
  changes.push_back(change("!own", 0, "of the store"));
  std::vector<ChangeOutcome> outcomes(changes.size());
  ASSERT_TRUE(store_->write(changes, outcomes).ok());
  EXPECT_EQ(visited(*store_), expected);
  EXPECT_EQ(text(found(*store_, "!own")), "of the store");
}

TEST_P(ContextStoreTest, AVisitorMayWrite) {
  for (const char* name : {"a", "b", "c"}) written(*store_, change(name, 0, "old"));
  const Status status =
      store_->for_each([this](const std::string& name, const FoundRecord& record) {
        EXPECT_EQ(written(*store_, change(name, record.version, "new")), ChangeOutcome::kDone);
      });
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_THAT(visited(*store_),
              UnorderedElementsAre(Pair("a", "new"), Pair("b", "new"), Pair("c", "new")));
}

TEST_P(ContextStoreTest, EventsAreReadInPiecesAndResumed) {
  std::uint64_t start = 0;
  ASSERT_TRUE(store_->last_event(&start).ok());
  EXPECT_NE(start, 0U);
  written(*store_, change("a", 0, "1", {"e1", "e2", "e3"}));
  written(*store_, change("b", 0, "1", {"e4", std::string("e5\0\n", 4)}));
  const EventPage first = events_after(*store_, start, 2);
  EXPECT_TRUE(first.complete);
  EXPECT_THAT(octets_of(first), ElementsAre("e1", "e2"));
  EXPECT_GT(first.events[0].sequence, start);
  EXPECT_GT(first.events[1].sequence, first.events[0].sequence);
  EXPECT_EQ(first.next_after, first.events[1].sequence);
  const EventPage second = events_after(*store_, first.next_after, 2);
  EXPECT_THAT(octets_of(second), ElementsAre("e3", "e4"));
  const EventPage third = events_after(*store_, second.next_after);
  EXPECT_THAT(octets_of(third), ElementsAre(std::string("e5\0\n", 4)));
  const EventPage none = events_after(*store_, third.next_after);
  EXPECT_TRUE(none.complete);
  EXPECT_THAT(none.events, IsEmpty());
  EXPECT_EQ(none.next_after, third.next_after);
  std::uint64_t last = 0;
  ASSERT_TRUE(store_->last_event(&last).ok());
  EXPECT_EQ(last, third.next_after);
  EXPECT_THAT(octets_of(events_after(*store_, 0)).size(), 5U);
}

TEST_P(ContextStoreTest, SaysWhenEventsAreGone) {
  std::uint64_t start = 0;
  ASSERT_TRUE(store_->last_event(&start).ok());
  // Some more than are kept: a store may forget in steps.
  for (int i = 0; i < 100; ++i) {
    written(*store_, change("ams-" + std::to_string(i), 0, "", {"x", "x", "x", "x", "x"}));
  }
  const EventPage late = events_after(*store_, start);
  EXPECT_FALSE(late.complete);
  EXPECT_GE(late.events.size(), kKeptEvents);
  EXPECT_LE(late.events.size(), 2 * kKeptEvents);
  EXPECT_TRUE(events_after(*store_, late.events[0].sequence).complete);
  EXPECT_TRUE(events_after(*store_, 0).complete);
  EXPECT_FALSE(events_after(*store_, late.next_after + 1).complete);
}

TEST_P(ContextStoreTest, KeepsEverythingWhenClosed) {
  if (!place_->durable()) GTEST_SKIP() << "this store keeps nothing when it is closed";
  written(*store_, change("a", 0, "kept", {"made"}));
  const FoundRecord before = found(*store_, "a");
  const EventPage page = events_after(*store_, 0);
  reopen();
  EXPECT_EQ(text(found(*store_, "a")), "kept");
  EXPECT_EQ(found(*store_, "a").version, before.version);
  EXPECT_THAT(octets_of(events_after(*store_, 0)), ElementsAre("made"));
  written(*store_, change("a", before.version, std::nullopt, {"removed"}));
  const EventPage resumed = events_after(*store_, page.next_after);
  EXPECT_TRUE(resumed.complete);
  EXPECT_THAT(octets_of(resumed), ElementsAre("removed"));
}

TEST_P(ContextStoreTest, SaysWhenTheStoreIsNotTheOneWatched) {
  if (place_->durable()) GTEST_SKIP() << "this store keeps its events when it is closed";
  written(*store_, change("a", 0, "", {"e1", "e2"}));
  const std::uint64_t seen = events_after(*store_, 0).next_after;
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  reopen();
  EXPECT_FALSE(events_after(*store_, seen).complete);
}

// Each thread adds to the same few counters; every addition that was done must be in the sum, and
// every event must be seen by who follows the stream.
TEST_P(ContextStoreTest, OfManyWhoChangeOneRecordOneWinsAtATime) {
  constexpr int kThreads = 4;
  constexpr int kAdditions = 50;
  reopen(10'000);
  const std::string names[] = {"x", "y"};
  std::uint64_t start = 0;
  ASSERT_TRUE(store_->last_event(&start).ok());
  std::atomic<int> running = kThreads;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int done = 0; done < kAdditions;) {
        FoundRecord records[2];
        EXPECT_TRUE(store_->read(names, records).ok());
        RecordChange changes[2];
        for (int i = 0; i < 2; ++i) {
          const int number = records[i].exists() ? std::stoi(text(records[i])) : 0;
          // Named in either order: no order of the names may block.
          changes[(i + t) % 2] = change(names[i], records[i].version, std::to_string(number + 1),
                                        {std::string(names[i]) + std::to_string(number + 1)});
        }
        ChangeOutcome outcomes[2];
        EXPECT_TRUE(store_->write(changes, outcomes).ok());
        done += static_cast<int>(std::ranges::count(outcomes, ChangeOutcome::kDone));
      }
      --running;
    });
  }
  std::vector<std::string> seen;
  for (bool last = false; !last;) {
    last = running == 0;
    const EventPage page = events_after(*store_, start);
    ASSERT_TRUE(page.complete);
    start = page.next_after;
    for (const std::string& octets : octets_of(page)) seen.push_back(octets);
    if (page.events.empty()) std::this_thread::yield();
  }
  threads.clear();
  int sum = 0;
  for (const std::string& name : names) sum += std::stoi(text(found(*store_, name)));
  EXPECT_GE(sum, kThreads * kAdditions);
  EXPECT_LE(sum, kThreads * (kAdditions + 1));
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(sum));
  int x = 0;
  int y = 0;
  for (const std::string& event : seen) {
    EXPECT_EQ(std::stoi(event.substr(1)), ++(event[0] == 'x' ? x : y)) << event;
  }
}

}  // namespace
}  // namespace rekey::contexts
