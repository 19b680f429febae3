// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/sealed_store.h"

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "contexts/store/memory_store.h"
#include "service/contexts/store/conformance.h"
#include "service/contexts/store/keys.h"

namespace rekey::contexts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

/// What a store below sees. It outlives the stores above it, as a real place does.
class Borrowed final : public ContextStore {
 public:
  explicit Borrowed(ContextStore& lender) : lender_(lender) {}
  Status read(std::span<const std::string> names, std::span<FoundRecord> out_found) override {
    return lender_.read(names, out_found);
  }
  Status write(std::span<const RecordChange> changes,
               std::span<ChangeOutcome> out_outcomes) override {
    return lender_.write(changes, out_outcomes);
  }
  Status for_each(const Visitor& visit) override { return lender_.for_each(visit); }
  Status read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) override {
    return lender_.read_events(after, limit, out_page);
  }
  Status last_event(std::uint64_t* out_sequence) override {
    return lender_.last_event(out_sequence);
  }

 private:
  ContextStore& lender_;
};

class SealedPlace final : public StorePlace {
 public:
  std::unique_ptr<ContextStore> open(std::size_t kept_events) override {
    // The place begins anew when another number of events is to be kept.
    if (below_ == nullptr || kept_events != kept_events_) below_ = make_memory_store(kept_events);
    kept_events_ = kept_events;
    std::unique_ptr<SealedStore> store;
    const Status status =
        SealedStore::open(std::make_unique<Borrowed>(*below_), keys_of({1}), &store);
    EXPECT_TRUE(status.ok()) << status.message();
    return store;
  }

 private:
  std::unique_ptr<ContextStore> below_;
  std::size_t kept_events_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Sealed, ContextStoreTest,
                         testing::Values([] { return std::make_unique<SealedPlace>(); }));

class SealedStoreTest : public testing::Test {
 protected:
  Status open(SealingKeys keys) {
    store_.reset();
    return SealedStore::open(std::make_unique<Borrowed>(*below_), std::move(keys), &store_);
  }
  /// The octets that the store below has under a name.
  std::string below(const std::string& name) { return text(found(*below_, name)); }
  void put_below(const std::string& name, const std::string& octets) {
    EXPECT_EQ(written(*below_, change(name, found(*below_, name).version, octets)),
              ChangeOutcome::kDone);
  }
  SealedStore::Resealed reseal() {
    SealedStore::Resealed resealed;
    const Status status = store_->reseal({}, &resealed);
    EXPECT_TRUE(status.ok()) << status.message();
    return resealed;
  }

  std::unique_ptr<ContextStore> below_ = make_memory_store(100);
  std::unique_ptr<SealedStore> store_;
};

TEST_F(SealedStoreTest, TheStoreBelowSeesNoValueAndNoValueTwice) {
  ASSERT_TRUE(open(keys_of({1})).ok());
  const std::string value = "the value of a context";
  written(*store_, change("a", 0, value));
  const std::string first = below("a");
  written(*store_, change("a", found(*store_, "a").version, value));
  written(*store_, change("b", 0, value));
  for (const std::string& octets : {first, below("a"), below("b")}) {
    for (std::size_t i = 0; i + 4 <= value.size(); ++i) {
      EXPECT_THAT(octets, Not(HasSubstr(value.substr(i, 4))));
    }
  }
  EXPECT_NE(first.substr(9), below("a").substr(9));
  EXPECT_NE(below("a").substr(9), below("b").substr(9));
}

TEST_F(SealedStoreTest, ReportsDamagedAndForeignRecordsAndServesTheOthers) {
  ASSERT_TRUE(open(keys_of({1})).ok());
  for (const char* name : {"good", "moved", "short", "cut", "later", "plain"}) {
    written(*store_, change(name, 0, std::string("value of ") + name));
  }
  put_below("moved", below("good"));
  put_below("short", "\1");
  put_below("cut", below("cut").substr(0, below("cut").size() - 1));
  put_below("later", "\2" + below("later").substr(1));
  put_below("plain", "value of plain, which is longer than what is added to a sealed record");
  for (const char* name : {"moved", "short", "cut", "later", "plain"}) {
    const FoundRecord record = found(*store_, name);
    EXPECT_TRUE(record.exists()) << name;
    EXPECT_TRUE(record.damaged()) << name;
    EXPECT_EQ(record.value.size(), 0U) << name;
    EXPECT_THAT(record.damage, Not(HasSubstr("value of"))) << name;
  }
  EXPECT_EQ(text(found(*store_, "good")), "value of good");
  EXPECT_EQ(visited(*store_)["short"], "damaged");
  EXPECT_EQ(visited(*store_)["good"], "value of good");
  EXPECT_EQ(visited(*store_).size(), 6U);
  // A damaged record can be taken away.
  EXPECT_EQ(written(*store_, change("cut", found(*store_, "cut").version, std::nullopt)),
            ChangeOutcome::kDone);
  EXPECT_FALSE(found(*store_, "cut").exists());
}

TEST_F(SealedStoreTest, EveryFlippedBitIsFound) {
  ASSERT_TRUE(open(keys_of({1})).ok());
  written(*store_, change("a", 0, "value"));
  const std::string sealed = below("a");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = sealed;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      put_below("a", flipped);
      EXPECT_TRUE(found(*store_, "a").damaged()) << i << " " << bit;
    }
  }
}

TEST_F(SealedStoreTest, DoesNotOpenUnderAWrongKeyAndSaysWhy) {
  ASSERT_TRUE(open(keys_of({1})).ok());
  written(*store_, change("a", 0, "value"));
  const Status status = open(keys_of({2}));
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr(to_string(keys_of({1}).all()[0].id)));
  EXPECT_THAT(status.message(), HasSubstr(to_string(keys_of({2}).all()[0].id)));
  ASSERT_TRUE(open(keys_of({1})).ok());
  EXPECT_EQ(text(found(*store_, "a")), "value");
}

TEST_F(SealedStoreTest, KeysTurnOverWhileItServes) {
  ASSERT_TRUE(open(keys_of({1})).ok());
  for (int i = 0; i < 600; ++i) {
    written(*store_, change("ams-" + std::to_string(i), 0, std::to_string(i)));
  }
  EXPECT_EQ(store_->take_keys(keys_of({2})).code(), Code::kFailedPrecondition);
  ASSERT_TRUE(store_->take_keys(keys_of({2, 1})).ok());
  written(*store_, change("new", 0, "new"));
  EXPECT_EQ(text(found(*store_, "ams-5")), "5");
  // Without the old key nobody starts until everything is sealed anew.
  EXPECT_EQ(open(keys_of({2})).code(), Code::kFailedPrecondition);
  ASSERT_TRUE(open(keys_of({2, 1})).ok());
  put_below("damaged", "no record");
  const SealedStore::Resealed resealed = reseal();
  EXPECT_EQ(resealed.records, 600U);
  EXPECT_EQ(resealed.unopened, 1U);
  ASSERT_TRUE(open(keys_of({2})).ok());
  for (int i = 0; i < 600; ++i) {
    EXPECT_EQ(text(found(*store_, "ams-" + std::to_string(i))), std::to_string(i));
  }
  EXPECT_EQ(reseal().records, 0U);
  EXPECT_EQ(open(keys_of({1})).code(), Code::kFailedPrecondition);
}

TEST_F(SealedStoreTest, AStoppedResealKeepsTheOldKeyNeeded) {
  ASSERT_TRUE(open(keys_of({1})).ok());
  written(*store_, change("a", 0, "value"));
  ASSERT_TRUE(store_->take_keys(keys_of({2, 1})).ok());
  std::stop_source stop;
  stop.request_stop();
  SealedStore::Resealed resealed;
  EXPECT_TRUE(store_->reseal(stop.get_token(), &resealed).ok());
  EXPECT_EQ(resealed.records, 0U);
  EXPECT_EQ(open(keys_of({2})).code(), Code::kFailedPrecondition);
}

TEST_F(SealedStoreTest, NoWriteIsLostToResealingBesideIt) {
  ASSERT_TRUE(open(keys_of({1})).ok());
  for (int i = 0; i < 20; ++i) written(*store_, change(std::to_string(i), 0, "0"));
  std::atomic<bool> stop = false;
  std::atomic<int> done = 0;
  std::jthread writer([&] {
    for (int i = 0; !stop; i = (i + 1) % 20) {
      const FoundRecord record = found(*store_, std::to_string(i));
      ASSERT_FALSE(record.damaged()) << record.damage;
      if (written(*store_, change(std::to_string(i), record.version,
                                  std::to_string(std::stoi(text(record)) + 1))) ==
          ChangeOutcome::kDone) {
        ++done;
      }
    }
  });
  for (std::uint8_t key = 2; key < 240; ++key) {
    ASSERT_TRUE(store_->take_keys(keys_of({key, static_cast<std::uint8_t>(key - 1)})).ok());
    reseal();
  }
  stop = true;
  writer.join();
  ASSERT_TRUE(open(keys_of({239})).ok());
  int sum = 0;
  for (int i = 0; i < 20; ++i) sum += std::stoi(text(found(*store_, std::to_string(i))));
  EXPECT_EQ(sum, done);
}

}  // namespace
}  // namespace rekey::contexts
