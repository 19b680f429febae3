// SPDX-License-Identifier: Apache-2.0
//
// Random histories of one AMS: the product's life beside the model's.
#include <gtest/gtest.h>

#include <stdlib.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "contexts/due.h"
#include "contexts/life.h"
#include "contexts/record.h"
#include "contexts/store/memory_store.h"
#include "contexts/store/redis_store.h"
#include "contexts/store/rocksdb_store.h"
#include "service/contexts/model.h"
#include "service/contexts/store/redis_server.h"

namespace rekey::contexts {
namespace {

using test::ModelAms;

Bsid bsid_of(std::uint8_t number) { return {0, 0, 0, 0, 0, number}; }
Digest digest_of(std::uint64_t number) {
  Digest digest{};
  for (std::size_t i = 0; i < 8; ++i) digest[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return digest;
}

/// Opener opens a store again that was closed; null: the store is open for good.
using Opener = std::function<std::unique_ptr<ContextStore>()>;

/// History is one AMS in both readings.
class History {
 public:
  /// With a store, records go through it, and with an opener it is closed and opened now and then.
  explicit History(std::uint64_t seed, ContextStore* store = nullptr, Opener opener = {})
      : random_(seed),
        now_(1'764'000'000'000),
        model_(now_),
        store_(store),
        opener_(std::move(opener)),
        name_(name_of({1, 2, static_cast<std::uint8_t>(seed >> 16),
                       static_cast<std::uint8_t>(seed >> 8), static_cast<std::uint8_t>(seed), 0})) {
  }

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) this->step();
  }

  [[nodiscard]] std::string log() const { return log_.str(); }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool chance(unsigned percent) { return below(100) < percent; }

  NewAuthentication authentication(std::uint8_t pmk, Millis lifetime) {
    NewAuthentication made;
    made.pmk.octets()[0] = pmk;
    made.nonce_bs = Nonce{pmk};
    made.lifetime = lifetime;
    return made;
  }

  /// A request, and what the model says of it.
  std::pair<Request, bool> draw() {
    const auto bsid = static_cast<std::uint8_t>(below(10));
    switch (below(ams_ && ams_->state != AmsState::kAbsent ? 20 : 2)) {
      case 0: {
        const auto pmk = ++pmks_;
        const Millis lifetime = chance(30) ? 1 + below(60) : 10'000;
        const Millis tek_lifetime = chance(30) ? 1 + below(30) : kNever;
        Establish asked{bsid_of(bsid), Profile::k16mDraft, {}, authentication(pmk, lifetime),
                        {1, 2},        tek_lifetime};
        return {asked, model_.establish(bsid, pmk, lifetime, tek_lifetime)};
      }
      case 1:
        if (chance(50)) return {Remove{}, model_.remove()};
        [[fallthrough]];
      case 2:
        return {FirstTekUsed{}, model_.first_tek_used()};
      case 3: {
        const auto pmk = ++pmks_;
        const Millis lifetime = chance(30) ? 1 + below(60) : 10'000;
        Reauthenticate asked{{}, authentication(pmk, lifetime)};
        if (chance(60)) asked.bsid = bsid_of(bsid);
        return {asked, model_.reauthenticate(asked.bsid ? std::optional(bsid) : std::nullopt, pmk,
                                             lifetime)};
      }
      case 4:
      case 5:
        return {UpdateTek{}, model_.update_tek()};
      case 6:
      case 7:
      case 8:
        return {CompleteHandover{bsid_of(bsid)}, model_.complete(bsid)};
      case 9:
      case 10:
        if (chance(40)) return {CancelHandover{}, model_.cancel({})};
        return {CancelHandover{bsid_of(bsid)}, model_.cancel(bsid)};
      default: {
        StartHandover asked;
        asked.target = bsid_of(bsid);
        if (chance(60)) {
          // Stale, equal, next, larger, the largest.
          const std::uint32_t near = model_.expected_count() + static_cast<std::uint32_t>(below(5));
          asked.count = std::min<std::uint32_t>(near < 3 ? near : near - 3, 65'535);
          if (chance(1)) asked.count = 65'535;
        }
        asked.omit_pkm = !chance(5);
        asked.seamless = chance(40);
        asked.reentry_mode_1 = chance(50);
        if (chance(60)) asked.disconnection_time = 1 + below(20);
        if (chance(70)) asked.resource_retain_time = below(40);
        return {asked, model_.start(asked)};
      }
    }
  }

  void step() {
    // Clocks go back, too: then nothing moves. The edge's own clock, which knows what was written
    // alone, does not.
    if (ams_ && store_ == nullptr && !opener_ && chance(10)) {
      wall_ = now_ - below(5'000);
    } else {
      now_ += chance(30) ? below(40) : below(3);
      wall_ = now_;
    }
    model_.live_until(now_);
    if (!done_.empty() && chance(10)) {
      repeat();
      return;
    }
    if (chance(15) && ams_) {
      // A timer fires, perhaps too early or not at all.
      take(pass_time(rules_, *ams_, wall_));
      compare("time");
      return;
    }
    const auto [request, allowed] = draw();
    model_.live_until(now_);  // spans of zero
    const OperationKey key{digest_of(++operations_), digest_of(operations_ + 1'000'000)};
    log_ << now_ % 100'000 << ": request " << request.index() << " at "
         << (ams_ ? to_string(ams_->state) : "nothing") << (allowed ? "" : " refused") << "\n";
    const Outcome outcome = take_step(rules_, ams_, &key, request, wall_);
    ASSERT_EQ(outcome.answer.status.ok(), allowed) << outcome.answer.status.message() << log();
    if (allowed) done_ = {{key, request}};
    check_derivations(outcome.answer);
    take(outcome);
    compare("request");
  }

  /// Moves nothing; the answer is the one before, or none.
  void repeat() {
    auto [key, request] = *done_.begin();
    if (chance(20)) {
      OperationKey other = key;
      other.content = {};
      const Outcome outcome = take_step(rules_, ams_, &other, request, wall_);
      if (ams_) {
        ASSERT_EQ(outcome.answer.refusal, Refusal::kOperationReused) << log();
      }
      take(outcome);
      return;
    }
    const Outcome outcome = take_step(rules_, ams_, &key, request, wall_);
    log_ << now_ % 100'000 << ": repeat of " << request.index() << "\n";
    ASSERT_TRUE(outcome.answer.status.ok() || outcome.answer.refusal == Refusal::kKeysGone)
        << outcome.answer.status.message() << log();
    for (const Occurrence& occurrence : outcome.occurrences) {
      ASSERT_NE(occurrence.happening, Happening::kDerived) << log();
    }
    check_derivations(outcome.answer);
    take(outcome);
    compare("repetition");
  }

  /// What is to be derived belongs to a context that the model holds: no key outlives its context.
  void check_derivations(const Answer& answer) {
    for (const AnsweredContext& context : answer.contexts) {
      if (!context.derivation) continue;
      const auto& derivation = *context.derivation;
      bool held = false;
      for (const ModelAms::Held& shown : model_.held()) {
        if (bsid_of(shown.bsid) != context.bsid || shown.count != context.count ||
            shown.pmk != derivation.authentication.pmk.octets()[0]) {
          continue;
        }
        held = true;
        for (const MovedTek& tek : derivation.teks) {
          ASSERT_TRUE(shown.teks.contains(tek.counter)) << log();
        }
        ASSERT_EQ(derivation.authentication.nonce[0], shown.pmk);
      }
      ASSERT_TRUE(held) << log();
    }
  }

  void take(const Outcome& outcome) {
    for (const Occurrence& occurrence : outcome.occurrences) note(occurrence, outcome);
    if (opener_ && (!opened_ || chance(5))) {
      opened_.reset();
      opened_ = opener_();
      store_ = opened_.get();
    }
    if (store_ != nullptr) {
      if (outcome.changed) write(outcome);
      return;
    }
    // What a store would give back is what was written.
    ams_.reset();
    if (outcome.ams) {
      ASSERT_EQ(decode_record(encode_record(*outcome.ams).octets(), &ams_.emplace()), Status());
      ASSERT_TRUE(*ams_ == *outcome.ams);
    }
  }

  void write(const Outcome& outcome) {
    std::vector<RecordChange> changes(1);
    changes[0].name = name_;
    changes[0].expected_version = version_;
    if (outcome.ams) changes[0].value = encode_record(*outcome.ams);
    ChangeOutcome done = ChangeOutcome::kConflict;
    ASSERT_EQ(store_->write(changes, {&done, 1}), Status());
    ASSERT_EQ(done, ChangeOutcome::kDone);
    FoundRecord found;
    ASSERT_EQ(store_->read({&name_, 1}, {&found, 1}), Status());
    ASSERT_EQ(found.exists(), outcome.ams.has_value());
    version_ = found.version;
    ams_.reset();
    if (found.exists()) {
      ASSERT_EQ(decode_record(found.value.octets(), &ams_.emplace()), Status());
    }
  }

  /// TEKs that may carry data are made once for each (PMK, BSID, count), and the counts of
  /// contexts that serve grow under one PMK.
  void note(const Occurrence& occurrence, const Outcome& outcome) {
    if (occurrence.happening == Happening::kDerived) {
      told_.emplace(occurrence.where->bsid, occurrence.where->count);
    }
    if (occurrence.happening == Happening::kDiscarded) {
      const auto found = told_.find(std::pair(occurrence.where->bsid, occurrence.where->count));
      ASSERT_NE(found, told_.end()) << "discarded without having been derived\n" << log();
      told_.erase(found);
    }
    if (!occurrence.where || occurrence.happening != Happening::kUsable) return;
    if (occurrence.cause == Cause::kCancelled) return;  // the serving one is resumed
    if (!outcome.ams || outcome.ams->state == AmsState::kAbsent) return;
    const auto key = std::tuple(outcome.ams->authentication.generation, occurrence.where->bsid,
                                occurrence.where->count);
    ASSERT_TRUE(usable_.insert(key).second) << "BSID " << int{occurrence.where->bsid[5]}
                                            << ", count " << occurrence.where->count << " twice\n"
                                            << log();
  }

  void compare(const char* after) {
    const bool known = ams_ && ams_->state != AmsState::kAbsent;
    ASSERT_LE(ams_ ? ams_->latest : 0, now_);
    std::multiset<std::pair<Bsid, std::uint32_t>> contexts;
    for (const ModelAms::Held& held : model_.held()) {
      contexts.emplace(bsid_of(held.bsid), held.count);
    }
    if (ams_ && next_due(*ams_) > now_) {
      ASSERT_TRUE(told_ == contexts) << "events do not tell what is held, after " << after << "\n"
                                     << log();
    }
    if (!known && !model_.known()) return;
    const Outcome look = take_step(rules_, ams_, nullptr, Look{true}, wall_);
    ASSERT_EQ(look.answer.status.ok(), model_.known()) << after << "\n" << log();
    if (!model_.known()) return;
    check_derivations(look.answer);
    ASSERT_EQ(look.answer.next_count, model_.expected_count()) << after << "\n" << log();
    std::set<ModelAms::Held> held;
    for (const AnsweredContext& context : look.answer.contexts) {
      ModelAms::Held shown{context.role,
                           context.bsid[5],
                           context.count,
                           context.usable,
                           context.derivation->authentication.pmk.octets()[0],
                           {}};
      for (const TekInfo& tek : context.teks) shown.teks.insert(tek.counter);
      held.insert(shown);
    }
    ASSERT_TRUE(held == model_.held()) << after << "\n" << log();
  }

  const Rules rules_{.count_margin = 10, .pmk_warning = 5, .forget_after = 1'000'000};
  std::mt19937_64 random_;
  Millis now_;
  Millis wall_ = now_;
  ModelAms model_;
  std::unique_ptr<ContextStore> opened_;
  ContextStore* store_;
  Opener opener_;
  std::string name_;
  std::uint64_t version_ = 0;
  std::optional<Ams> ams_;
  std::uint8_t pmks_ = 0;
  std::uint64_t operations_ = 0;
  std::vector<std::pair<OperationKey, Request>> done_;
  std::set<std::tuple<std::uint32_t, Bsid, std::uint32_t>> usable_;
  std::multiset<std::pair<Bsid, std::uint32_t>> told_;  ///< what is held, by the events
  std::ostringstream log_;
};

/// REKEY_HISTORIES multiplies how many.
std::uint64_t histories(std::uint64_t once) {
  const char* times = std::getenv("REKEY_HISTORIES");
  return once * (times == nullptr ? 1 : std::strtoull(times, nullptr, 10));
}

void run_histories(std::uint64_t many, const std::function<History(std::uint64_t)>& make) {
  for (std::uint64_t seed = 1; seed <= many; ++seed) {
    History history = make(seed);
    history.run(60);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Life, IsTheModelsInRandomHistories) {
  run_histories(histories(3'000), [](std::uint64_t seed) { return History(seed); });
}

TEST(Life, IsTheModelsInMemory) {
  const auto store = make_memory_store(100);
  run_histories(histories(300), [&](std::uint64_t seed) { return History(seed, store.get()); });
}

TEST(Life, IsTheModelsInRocksDbThatIsClosedAndOpened) {
  std::string directory = testing::TempDir() + "contexts-model-XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  const Opener open = [&] {
    std::unique_ptr<ContextStore> store;
    EXPECT_EQ(open_rocksdb_store(directory + "/store", 100, &store), Status());
    return store;
  };
  run_histories(histories(3), [&](std::uint64_t seed) { return History(seed, nullptr, open); });
  std::filesystem::remove_all(directory);
}

TEST(Life, IsTheModelsInRedisThatSeveralConnectTo) {
  RedisServer server;
  const Opener open = [&] {
    std::unique_ptr<ContextStore> store;
    EXPECT_EQ(open_redis_store(server.address(), 100, std::chrono::seconds(10), &store), Status());
    return store;
  };
  run_histories(histories(15), [&](std::uint64_t seed) { return History(seed, nullptr, open); });
}

}  // namespace
}  // namespace rekey::contexts
