// SPDX-License-Identifier: Apache-2.0
//
// The edge: stores that fail, others at the same AMS, timers, restarts; and the keys themselves,
// compared with the referee's.
#include "contexts/keeper.h"

#include <gmock/gmock.h>
#include <google/protobuf/arena.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "contexts/answers.h"
#include "contexts/store/memory_store.h"
#include "contexts/store/redis_store.h"
#include "dispatch/deriver.h"
#include "dispatch/dispatcher.h"
#include "dispatch/engine_pool.h"
#include "dispatch/machine.h"
#include "rekey/engines.h"
#include "service/contexts/store/redis_server.h"
#include "service/support/dispatch_doubles.h"

namespace rekey::contexts {
namespace {

using ::testing::HasSubstr;

constexpr Millis kStart = 1'764'000'000'000;

/// ManualClock stands still until it is moved.
class ManualClock final : public LifeClock {
 public:
  [[nodiscard]] Millis now() const override { return now_; }
  void not_before(Millis at_least) override { now_ = std::max<Millis>(now_, at_least); }
  std::atomic<Millis> now_ = kStart;
};

/// FaultyStore counts, and does what a test wants before and after a write.
class FaultyStore final : public ContextStore {
 public:
  explicit FaultyStore(ContextStore* inner) : inner_(inner) {}

  Status read(std::span<const std::string> names, std::span<FoundRecord> out_found) override {
    ++reads;
    if (gone) return {Code::kUnavailable, "the store is gone"};
    const Status status = inner_->read(names, out_found);
    for (FoundRecord& found : out_found) {
      if (damage && found.exists()) found.damage = "damaged on purpose";
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == damaged) out_found[i].damage = "damaged on purpose";
    }
    if (after_read) after_read();
    return status;
  }
  Status write(std::span<const RecordChange> changes,
               std::span<ChangeOutcome> out_outcomes) override {
    ++writes;
    if (gone) return {Code::kUnavailable, "the store is gone"};
    if (full) return {Code::kResourceExhausted, "the store is full"};
    const Status status = inner_->write(changes, out_outcomes);
    if (after_write) after_write();
    if (lose_answer) return {Code::kUnavailable, "the answer was lost"};
    return status;
  }
  Status for_each(const Visitor& visit) override { return inner_->for_each(visit); }
  Status read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) override {
    return inner_->read_events(after, limit, out_page);
  }
  Status last_event(std::uint64_t* out_sequence) override {
    return inner_->last_event(out_sequence);
  }

  std::atomic<int> reads = 0, writes = 0;
  std::atomic<bool> gone = false, full = false, lose_answer = false, damage = false;
  std::string damaged;  ///< this record alone
  std::function<void()> after_read, after_write;

 private:
  ContextStore* inner_;
};

Msid msid_of(std::uint32_t number) {
  return {0,
          0,
          static_cast<std::uint8_t>(number >> 24),
          static_cast<std::uint8_t>(number >> 16),
          static_cast<std::uint8_t>(number >> 8),
          static_cast<std::uint8_t>(number)};
}

/// Polls until `condition` holds; false after a minute.
bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 6'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

std::string text(ConstOctets octets) { return {octets.begin(), octets.end()}; }

class KeeperTest : public testing::Test {
 protected:
  KeeperTest() {
    test::EngineDouble* fast = nullptr;
    pool_ = test::pool_of_double(&fast);
    deriver_ = std::make_unique<dispatch::Deriver>(pool_.get(), &steady_, &random_,
                                                   dispatch::Verify::kOff);
    dispatcher_ = std::make_unique<dispatch::Dispatcher>(pool_.get(), deriver_.get(), &steady_,
                                                         scheduler::Limits{},
                                                         dispatch::describe(*pool_, steady_, 2));
    memory_ = make_memory_store(1 << 16);
    store = std::make_unique<FaultyStore>(memory_.get());
    restart();
  }

  std::unique_ptr<Keeper> make_keeper(ContextStore* on = nullptr) {
    Keeper::Hooks hooks;
    hooks.on_store = [this](const std::string& reason) {
      if (before_told) before_told(reason);
      store_serves = reason.empty();
      ++told;
    };
    auto made = std::make_unique<Keeper>(on == nullptr ? store.get() : on, dispatcher_.get(),
                                         &clock, Rules(), hooks);
    EXPECT_EQ(made->start(), Status());
    return made;
  }
  void restart() {
    keeper.reset();
    keeper = make_keeper();
  }

  static Asked ask(std::uint32_t ams, const Request& request, std::uint32_t operation) {
    Asked asked;
    asked.msid = msid_of(ams);
    asked.operation.id[0] = static_cast<std::uint8_t>(operation);
    asked.operation.id[1] = static_cast<std::uint8_t>(operation >> 8);
    asked.request = request;
    return asked;
  }
  static Establish establish(Millis lifetime = 3'600'000) {
    Establish asked{{1}, Profile::k16mDraft, {}, {}, {1, 2}, kNever};
    asked.authentication.pmk.octets()[3] = 0x33;
    asked.authentication.nonce_bs = Nonce{9};
    asked.authentication.ak_sn = 5;
    asked.authentication.lifetime = lifetime;
    return asked;
  }
  static StartHandover handover(std::uint8_t target = 2) {
    StartHandover asked;
    asked.target = {target};
    asked.omit_pkm = true;
    asked.resource_retain_time = 1'000;
    return asked;
  }

  v1::ContextsResponse serve(const std::vector<Asked>& asked, Keeper* by = nullptr) {
    v1::ContextsResponse response;
    ServedItems served;
    failure = (by == nullptr ? keeper.get() : by)->serve({"test"}, asked, &response, &served);
    return response;
  }
  v1::AmsContexts serve_one(const Request& request, std::uint32_t operation = 0) {
    const v1::ContextsResponse response =
        serve({ask(1, request, operation == 0 ? ++operation_ : operation)});
    return failure.index() == 0 ? response.items(0) : v1::AmsContexts();
  }

  /// Expects a context's keys to be the referee's, which is asked in a batch of one.
  void expect_right(const Msid& msid, const v1::KeyContext& context, const Establish& from) {
    const std::uint8_t count[] = {static_cast<std::uint8_t>(context.cmac_key_count() >> 8),
                                  static_cast<std::uint8_t>(context.cmac_key_count())};
    for (const v1::Tek& tek : context.keys().teks()) {
      const std::uint8_t said = static_cast<std::uint8_t>(tek.said());
      const std::uint16_t counter = static_cast<std::uint16_t>(tek.counter());
      BatchInput input;
      input.count = 1;
      input.pmk = from.authentication.pmk.octets();
      input.msid = msid;
      const std::string bsid = context.bsid();
      input.bsid = {reinterpret_cast<const std::uint8_t*>(bsid.data()), bsid.size()};
      input.nonce = *from.authentication.nonce_bs;
      input.cmac_key_count = count;
      input.ak_sn = {&from.authentication.ak_sn, 1};
      input.saids = {&said, 1};
      input.tek_counters = {&counter, 1};
      CheckedBatch batch;
      ASSERT_EQ(check_batch(input, &batch), Status());
      std::array<std::uint8_t, 128> memory{};
      BatchResult result;
      std::size_t offset = 0;
      for (const KeyKind kind : kAllKeyKinds) {
        result.set_column(kind, Octets(memory).subspan(offset, batch.result_octets(kind)));
        offset += batch.result_octets(kind);
      }
      ASSERT_EQ(make_openssl_engine()->derive(batch, result), Status());
      EXPECT_EQ(tek.key(), text(result.teks));
      if (context.keys().ak().empty()) continue;
      EXPECT_EQ(context.keys().msid_star(), text(result.msid_star));
      EXPECT_EQ(context.keys().ak(), text(result.ak));
      EXPECT_EQ(context.keys().akid(), text(result.akid));
      EXPECT_EQ(context.keys().cmac_key_u(), text(result.cmac_key_u));
      EXPECT_EQ(context.keys().cmac_key_d(), text(result.cmac_key_d));
    }
  }

  /// Two keepers hand every AMS over to the same ABS and complete, again and again, in opposite
  /// orders. The stores may be one.
  void expect_no_count_twice(std::uint32_t amss, std::uint32_t rounds, ContextStore* one,
                             ContextStore* two) {
    constexpr std::uint32_t kChunk = 500;
    const auto first = make_keeper(one);
    const auto second = make_keeper(two);
    const auto chunks = [&](bool backwards, Keeper* by, const Request& request,
                            std::uint32_t operation) {
      for (std::uint32_t begin = 0; begin < amss; begin += kChunk) {
        std::vector<Asked> asked;
        for (std::uint32_t i = begin; i < begin + kChunk; ++i) {
          asked.push_back(ask(backwards ? amss - 1 - i : i, request, operation));
        }
        v1::ContextsResponse response;
        ServedItems served;
        EXPECT_EQ(by->serve({"test"}, asked, &response, &served).index(), 0U);
      }
    };
    chunks(false, first.get(), establish(), 1);
    const auto run = [&](bool backwards, Keeper* by) {
      for (std::uint32_t round = 0; round < rounds; ++round) {
        const std::uint32_t operation = 100 + round * 10 + (backwards ? 2 : 0);
        chunks(backwards, by, handover(), operation);
        chunks(backwards, by, CompleteHandover{{2}}, operation + 1);
      }
    };
    std::thread forwards([&] { run(false, first.get()); });
    run(true, second.get());
    forwards.join();
    // The events say which contexts were made.
    EventPage page;
    std::set<std::tuple<std::string, std::string, std::uint32_t>> made;
    std::uint64_t after = 0;
    do {
      ASSERT_EQ(one->read_events(after, 1'000, &page), Status());
      after = page.next_after;
      for (const ContextEvent& event : page.events) {
        v1::ContextEvent seen;
        seen.ParseFromString(event.octets);
        if (seen.kind() != v1::CONTEXT_EVENT_KIND_DERIVED) continue;
        EXPECT_TRUE(made.emplace(seen.msid(), seen.bsid(), seen.cmac_key_count()).second);
      }
    } while (!page.events.empty());
    EXPECT_GE(made.size(), amss * 2) << "established and handed over";
  }

  std::uint64_t requests_to_engines() {
    return dispatcher_->load().counts.of(scheduler::Admission::kAccepted);
  }
  /// Of every caller.
  void limit_rate(const scheduler::Share& each) {
    dispatcher_->set_limits(scheduler::Limits{}, {.each = each});
  }

  std::vector<v1::ContextEvent> events() {
    std::vector<v1::ContextEvent> all;
    EventPage page;
    EXPECT_EQ(memory_->read_events(0, 1'000, &page), Status());
    for (const ContextEvent& event : page.events) all.emplace_back().ParseFromString(event.octets);
    return all;
  }

 private:
  dispatch::SteadyClock steady_;
  dispatch::SystemRandom random_;
  std::unique_ptr<dispatch::EnginePool> pool_;
  std::unique_ptr<dispatch::Deriver> deriver_;
  std::unique_ptr<dispatch::Dispatcher> dispatcher_;
  std::unique_ptr<ContextStore> memory_;
  std::uint32_t operation_ = 0;

 protected:
  ManualClock clock;
  std::atomic<bool> store_serves = true;
  std::atomic<int> told = 0;  ///< how often it was said that the store serves or does not
  std::function<void(const std::string& reason)> before_told;
  std::unique_ptr<FaultyStore> store;
  std::unique_ptr<Keeper> keeper;
  Failure failure;
};

TEST_F(KeeperTest, EveryKeyIsTheReferees) {
  std::mt19937 random(1);
  std::vector<Asked> asked;
  for (std::uint32_t ams = 1; ams <= 30; ++ams) asked.push_back(ask(ams, establish(), 1));
  const auto check = [&](const v1::ContextsResponse& response) {
    int checked = 0;
    for (int item = 0; item < response.items_size(); ++item) {
      ASSERT_EQ(response.items(item).code(), 0) << response.items(item).message();
      for (const v1::KeyContext& context : response.items(item).contexts()) {
        if (!context.has_keys()) continue;
        ++checked;
        expect_right(asked[static_cast<std::size_t>(item)].msid, context, establish());
      }
    }
    EXPECT_GT(checked, 0);
  };
  check(serve(asked));
  // AMSs whose associations are at different counters.
  for (std::uint32_t round = 2; round < 6; ++round) {
    for (Asked& one : asked) {
      one.operation.id[0] = static_cast<std::uint8_t>(round);
      one.request = UpdateTek{{static_cast<std::uint16_t>(1 + random() % 2)}};
    }
    check(serve(asked));
  }
  for (Asked& one : asked) one.request = Look{true};
  check(serve(asked));
  for (Asked& one : asked) {
    one.operation.id[0] = 9;
    StartHandover request = handover();
    request.count = 1 + random() % 60'000;
    one.request = request;
  }
  check(serve(asked));
}

TEST_F(KeeperTest, AWaveIsOneReadOneBatchAndOneWrite) {
  std::vector<Asked> asked;
  for (std::uint32_t ams = 0; ams < 4'096; ++ams) asked.push_back(ask(ams, establish(), 1));
  serve(asked);
  for (Asked& one : asked) one = {{}, one.msid, {{2}, {}}, handover()};
  const int reads = store->reads;
  const int writes = store->writes;
  const std::uint64_t jobs = requests_to_engines();
  const v1::ContextsResponse response = serve(asked);
  EXPECT_EQ(response.items(4'095).contexts(0).keys().teks_size(), 4);
  EXPECT_EQ(store->reads - reads, 1);
  EXPECT_EQ(store->writes - writes, 1);
  // How large a batch of it an engine takes is up to the scheduler and the engine's speed.
  EXPECT_EQ(requests_to_engines() - jobs, 1U);
}

TEST_F(KeeperTest, TwoAtOneAmsNeverUseACountTwice) {
  expect_no_count_twice(500, 6, store.get(), store.get());
}

// Two rekeyds do the same with 10,000 AMSs: contexts_two_instances_test.
TEST_F(KeeperTest, TwoInstancesOnOneRedisHandOverTheSameAmssAtOnce) {
  RedisServer server;
  std::array<std::unique_ptr<ContextStore>, 2> stores;
  for (auto& redis : stores) {
    ASSERT_EQ(open_redis_store(server.address(), 1 << 17, std::chrono::seconds(30), &redis),
              Status());
  }
  expect_no_count_twice(500, 1, stores[0].get(), stores[1].get());
}

TEST_F(KeeperTest, WhatSomebodyElseChangedMeanwhileIsDoneAgain) {
  serve_one(establish());
  const auto other = make_keeper();
  bool once = true;
  store->after_read = [&] {
    if (!std::exchange(once, false)) return;
    serve({ask(1, UpdateTek{}, 200)}, other.get());
  };
  const v1::AmsContexts updated = serve_one(UpdateTek{});
  EXPECT_EQ(updated.contexts(0).keys().teks(0).counter(), 3U);
  EXPECT_EQ(keeper->counts().conflicts, 1U);
}

TEST_F(KeeperTest, TheTimerIsThatOfTheLastChangeHoweverLateTheOneBeforeIsNoted) {
  serve_one(establish());
  bool once = true;
  store->after_write = [&] {
    if (!std::exchange(once, false)) return;
    serve({ask(1, handover(), 200)});
  };
  serve_one(UpdateTek{});
  EXPECT_EQ(keeper->counts().amss[static_cast<std::size_t>(AmsState::kSwitching)], 1U);
  clock.now_ += 1'000;
  EXPECT_TRUE(eventually(
      [this] { return events().back().cause() == v1::CONTEXT_EVENT_CAUSE_RESOURCE_RETAIN_TIME; }));
}

TEST_F(KeeperTest, HowARequestWasServedIsSaidOfAllItsRounds) {
  std::vector<Asked> asked;
  for (std::uint32_t ams = 1; ams <= 64; ++ams) asked.push_back(ask(ams, establish(), 1));
  serve(asked);
  bool once = true;
  store->after_read = [&] {
    if (!std::exchange(once, false)) return;
    serve({ask(1, UpdateTek{}, 200)});
  };
  for (Asked& one : asked) one = ask(one.msid[5], UpdateTek{}, 2);
  v1::ContextsResponse response;
  ServedItems served;
  keeper->serve({"test"}, asked, &response, &served);
  EXPECT_EQ(keeper->counts().conflicts, 1U);
  EXPECT_GT(served.served.batch_items, 1U) << "that of the one that was done again";
}

TEST_F(KeeperTest, WhoIsAlwaysOvertakenIsTold) {
  serve_one(establish());
  const auto other = make_keeper();
  std::uint32_t operation = 300;
  bool inside = false;
  store->after_read = [&] {
    if (std::exchange(inside, true)) return;
    serve({ask(1, UpdateTek{}, ++operation)}, other.get());
    inside = false;
  };
  EXPECT_EQ(serve_one(UpdateTek{}).code(), 10);
}

TEST_F(KeeperTest, AStoreThatIsGoneRefusesAndNothingMoves) {
  serve_one(establish());
  store->gone = true;
  serve_one(handover());
  ASSERT_EQ(failure.index(), 1U);
  EXPECT_EQ(std::get<Status>(failure).code(), Code::kUnavailable);
  EXPECT_FALSE(store_serves);
  store->gone = false;
  // It finds out by itself, within a second.
  EXPECT_TRUE(eventually([this] { return store_serves.load(); }));
  EXPECT_EQ(serve_one(handover()).contexts(0).cmac_key_count(), 1U);
}

TEST_F(KeeperTest, AFullStoreRefusesChangesAndServesWhoLooks) {
  serve_one(establish());
  store->full = true;
  serve_one(handover());
  ASSERT_EQ(failure.index(), 1U);
  EXPECT_EQ(std::get<Status>(failure).code(), Code::kResourceExhausted);
  EXPECT_EQ(serve_one(Look{}).state(), v1::AMS_STATE_SERVING);
  store->full = false;
  EXPECT_EQ(serve_one(handover()).contexts(0).cmac_key_count(), 1U);
}

TEST_F(KeeperTest, AStoreThatIsFullDoesNotServeUntilItTakesAWrite) {
  serve_one(establish());
  store->full = true;
  for (int i = 0; i < 5; ++i) {
    serve_one(handover());
    serve_one(Look{});
  }
  EXPECT_FALSE(store_serves);
  EXPECT_EQ(told, 1) << "a read in between changes nothing";
  store->full = false;
  // It finds out by itself, within a second.
  EXPECT_TRUE(eventually([this] { return store_serves.load(); }));
  EXPECT_EQ(told, 2);
}

TEST_F(KeeperTest, WhetherTheStoreServesIsToldInTheOrderInWhichItWasFound) {
  serve_one(establish());
  std::jthread other;
  before_told = [&](const std::string& reason) {
    if (reason.empty()) return;
    // While the failure is being told, somebody finds that the store serves again.
    store->gone = false;
    other = std::jthread([this] {
      v1::ContextsResponse response;
      ServedItems served;
      keeper->serve({"other"}, std::vector{ask(1, Look{}, 0)}, &response, &served);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  };
  store->gone = true;
  serve_one(handover());
  other.join();
  EXPECT_TRUE(eventually([this] { return store_serves.load(); }));
}

TEST_F(KeeperTest, ALostAnswerIsFoundByAskingAgain) {
  serve_one(establish());
  store->lose_answer = true;
  serve_one(handover(), 77);
  ASSERT_EQ(failure.index(), 1U);
  store->lose_answer = false;
  const v1::AmsContexts again = serve_one(handover(), 77);
  EXPECT_EQ(again.code(), 0) << again.message();
  EXPECT_EQ(again.contexts(0).cmac_key_count(), 1U);
  expect_right(msid_of(1), again.contexts(0), establish());
  int derived = 0;
  for (const v1::ContextEvent& event : events()) {
    derived += event.kind() == v1::CONTEXT_EVENT_KIND_DERIVED;
  }
  EXPECT_EQ(derived, 2) << "one established, one prepared";
}

TEST_F(KeeperTest, WithoutKeysNothingIsWritten) {
  serve_one(establish());
  const int writes = store->writes;
  const std::uint64_t past_deadline = 1;
  v1::ContextsResponse response;
  ServedItems served;
  failure = keeper->serve({"test", past_deadline}, std::vector{ask(1, handover(), 50)}, &response,
                          &served);
  EXPECT_NE(failure.index(), 0U);
  EXPECT_EQ(store->writes, writes);
  EXPECT_EQ(serve_one(handover()).contexts(0).cmac_key_count(), 1U);
}

TEST_F(KeeperTest, ARequestWhoseTeksHaveMixedCountersIsLetInOrRefusedAsAWhole) {
  serve({ask(1, establish(), 1), ask(2, establish(), 1)});
  serve({ask(2, UpdateTek{}, 2)});
  const std::vector<Asked> both = {ask(1, Look{true}, 0), ask(2, Look{true}, 0)};
  limit_rate({.items_per_s = 1, .burst_items = 1});
  const std::uint64_t before = requests_to_engines();
  serve(both);
  EXPECT_EQ(failure.index(), 0U) << "the first may not use up what the second needs";
  EXPECT_EQ(requests_to_engines() - before, 2U) << "their TEKs have other counters";
  serve(both);
  ASSERT_TRUE(std::holds_alternative<scheduler::Answer>(failure));
  EXPECT_EQ(std::get<scheduler::Answer>(failure).admission, scheduler::Admission::kRateLimited);
  EXPECT_EQ(requests_to_engines() - before, 2U) << "nothing was derived in vain";
}

TEST_F(KeeperTest, ADamagedRecordIsToldAndCanBeRemoved) {
  serve_one(establish());
  store->damage = true;
  const v1::AmsContexts refused = serve_one(Look{});
  EXPECT_EQ(refused.code(), 15);
  EXPECT_THAT(refused.message(), HasSubstr("damaged on purpose"));
  EXPECT_EQ(serve_one(Remove{}).code(), 0);
  store->damage = false;
  EXPECT_EQ(serve_one(establish()).code(), 0);
}

TEST_F(KeeperTest, BesideADamagedRecordTheOthersAreServed) {
  serve({ask(1, establish(), 1), ask(2, establish(), 1), ask(3, establish(), 1)});
  store->damaged = name_of(msid_of(2));
  const v1::ContextsResponse response =
      serve({ask(1, handover(), 2), ask(2, handover(), 2), ask(3, handover(), 2)});
  EXPECT_EQ(response.items(0).code(), 0);
  EXPECT_EQ(response.items(1).code(), 15);
  EXPECT_EQ(response.items(1).contexts_size(), 0);
  EXPECT_EQ(response.items(2).contexts(0).cmac_key_count(), 1U);
  EXPECT_EQ(keeper->counts().damaged, 1U);
}

TEST_F(KeeperTest, TimersFireAndSurviveARestartWithTheTimeThatIsLeft) {
  serve_one(establish());
  serve_one(handover());
  clock.now_ += 400;
  restart();
  const auto retained = [&] {
    const KeeperCounts counts = keeper->counts();
    return counts.amss[static_cast<std::size_t>(AmsState::kSwitching)];
  };
  EXPECT_EQ(retained(), 1U);
  clock.now_ += 599;
  serve_one(Look{});
  EXPECT_EQ(retained(), 1U);
  clock.now_ += 1;
  // The timekeeper looks at a clock that is moved by hand once a second.
  EXPECT_TRUE(eventually([&] { return retained() == 0; }));
  EXPECT_EQ(events().back().cause(), v1::CONTEXT_EVENT_CAUSE_RESOURCE_RETAIN_TIME);
  EXPECT_EQ(events().back().time_ms(), kStart + 1'000);
}

TEST_F(KeeperTest, ARestartWithAClockThatWentBackLengthensNothing) {
  serve_one(establish(10'000));
  clock.now_ += 8'000;
  serve_one(UpdateTek{});
  keeper.reset();
  clock.now_ = kStart - 1'000'000;
  restart();
  EXPECT_EQ(clock.now(), kStart + 8'000);
  clock.now_ += 2'000;
  EXPECT_EQ(serve_one(Look{}).code(), 5);
}

TEST(Answers, OverwritingOneLeavesNoKeys) {
  google::protobuf::Arena arena;
  auto* item = google::protobuf::Arena::CreateMessage<v1::AmsContexts>(&arena);
  v1::ContextKeys* keys = item->add_contexts()->mutable_keys();
  keys->set_ak(std::string(kAkOctets, 'a'));
  keys->add_teks()->set_key(std::string(kTekOctets, 't'));
  write_answer({}, {}, item);
  EXPECT_EQ(item->contexts_size(), 0);
  // What was cleared stays on the arena.
  EXPECT_EQ(keys->ak(), std::string(kAkOctets, '\0'));
  EXPECT_EQ(keys->teks(0).key(), std::string(kTekOctets, '\0'));
}

TEST(SystemLifeClock, BeginsAtTheWallClockAndNeverGoesBack) {
  SystemLifeClock clock;
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  const auto wall = static_cast<Millis>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count());
  EXPECT_NEAR(static_cast<double>(clock.now()), static_cast<double>(wall), 60'000);
  clock.not_before(wall + 1'000'000);
  EXPECT_GE(clock.now(), wall + 1'000'000);
  clock.not_before(wall - 1'000'000);
  EXPECT_GE(clock.now(), wall + 1'000'000);
}

}  // namespace
}  // namespace rekey::contexts
