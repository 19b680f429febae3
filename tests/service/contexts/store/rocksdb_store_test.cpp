// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/rocksdb_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <rocksdb/db.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "contexts/store/big_endian.h"
#include "service/contexts/store/conformance.h"

namespace rekey::contexts {
namespace {

using testing::HasSubstr;

/// A new directory, removed at the end.
class Directory {
 public:
  Directory() {
    std::string name = testing::TempDir() + "contexts-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Directory() {
    if (mounted_) umount(path_.c_str());
    std::filesystem::remove_all(path_);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] std::string store() const { return path_ + "/store"; }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Makes it a small file system of its own. False: this user may not.
  bool mount_small() {
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=160m") == 0;
    return mounted_;
  }

 private:
  std::string path_;
  bool mounted_ = false;
};

std::unique_ptr<ContextStore> open_in(const std::string& directory, std::size_t kept_events) {
  std::unique_ptr<ContextStore> store;
  const Status status = open_rocksdb_store(directory, kept_events, &store);
  EXPECT_TRUE(status.ok()) << status.message();
  return store;
}

class RocksdbPlace final : public StorePlace {
 public:
  std::unique_ptr<ContextStore> open(std::size_t kept_events) override {
    return open_in(directory_.store(), kept_events);
  }

 private:
  Directory directory_;
};

INSTANTIATE_TEST_SUITE_P(Rocksdb, ContextStoreTest,
                         testing::Values([] { return std::make_unique<RocksdbPlace>(); }));

TEST(RocksdbStoreTest, OnlyItsOwnerCanEnterTheDirectory) {
  const Directory directory;
  const auto store = open_in(directory.store(), 10);
  struct stat about {};
  ASSERT_EQ(stat(directory.store().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0700U);
}

/// Overwrites the block of events that ends with the one numbered.
void damage_events(const std::string& directory, std::uint64_t last) {
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, directory, &opened).ok());
  const std::unique_ptr<rocksdb::DB> database(opened);
  const std::string key = "e" + to_big_endian(last);
  std::string block;
  ASSERT_TRUE(database->Get({}, key, &block).ok());
  ASSERT_TRUE(database->Put({}, key, "no block").ok());
}

TEST(RocksdbStoreTest, ADamagedBlockOfEventsIsAGapAndHidesNoOther) {
  const Directory directory;
  auto store = open_in(directory.store(), 10);
  for (const char* event : {"first", "second", "third"}) {
    written(*store, change(event, 0, "value", {event}));
  }
  const std::vector<ContextEvent> events = events_after(*store, 0).events;
  ASSERT_EQ(events.size(), 3U);
  store.reset();
  damage_events(directory.store(), events[1].sequence);
  store = open_in(directory.store(), 10);
  const EventPage before = events_after(*store, 0);
  EXPECT_TRUE(before.complete);
  EXPECT_THAT(octets_of(before), testing::ElementsAre("first"));
  const EventPage after = events_after(*store, before.next_after);
  EXPECT_FALSE(after.complete) << "who has seen the first has missed the second";
  EXPECT_THAT(octets_of(after), testing::ElementsAre("third"));
  EXPECT_TRUE(events_after(*store, events[1].sequence).complete);
  EXPECT_TRUE(events_after(*store, after.next_after).complete);
}

TEST(RocksdbStoreTest, SaysWhyADirectoryCannotBeUsed) {
  const Directory directory;
  std::unique_ptr<ContextStore> store;
  Status status = open_rocksdb_store(directory.path() + "/none/store", 10, &store);
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_THAT(status.message(), HasSubstr("none/store: expected a directory"));
  std::ofstream(directory.path() + "/file") << "text";
  EXPECT_FALSE(open_rocksdb_store(directory.path() + "/file", 10, &store).ok());
}

#ifdef __SANITIZE_THREAD__
constexpr bool kThreadSanitizer = true;
#else
constexpr bool kThreadSanitizer = false;
#endif
constexpr char kNoFork[] = "ThreadSanitizer does not take new threads after a fork";

TEST(RocksdbStoreTest, SaysWhoHoldsTheDirectory) {
  if (kThreadSanitizer) GTEST_SKIP() << kNoFork;
  const Directory directory;
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    std::unique_ptr<ContextStore> held;
    const char opened = open_rocksdb_store(directory.store(), 10, &held).ok() ? 'y' : 'n';
    if (write(pipe_ends[1], &opened, 1) != 1) _exit(1);
    for (;;) pause();
  }
  close(pipe_ends[1]);
  char opened = 0;
  EXPECT_EQ(read(pipe_ends[0], &opened, 1), 1);
  EXPECT_EQ(opened, 'y');
  std::unique_ptr<ContextStore> store;
  Status status = open_rocksdb_store(directory.store(), 10, &store);
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("process " + std::to_string(holder) + " holds"));
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  close(pipe_ends[0]);
  store = open_in(directory.store(), 10);
  ASSERT_NE(store, nullptr);
  std::unique_ptr<ContextStore> second;
  status = open_rocksdb_store(directory.store(), 10, &second);
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("this process holds"));
  EXPECT_EQ(written(*store, change("a", 0, "still there")), ChangeOutcome::kDone);
}

/// How many records RocksDB's log has: batches that were written. It lies in blocks of 32 KiB of
/// pieces: a checksum (4 octets), a length (2) and a kind (1), which says where a record ends.
int batches_in_log(const std::string& directory) {
  constexpr std::size_t kBlock = 32'768;
  constexpr std::size_t kHeader = 7;
  int batches = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().extension() != ".log") continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string log((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    for (std::size_t at = 0; at + kHeader <= log.size();) {
      if (kBlock - at % kBlock < kHeader) {
        at += kBlock - at % kBlock;
        continue;
      }
      const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(log[at + i]); };
      const int kind = octet(6);
      if (kind == 0) break;
      batches += kind == 1 || kind == 4 ? 1 : 0;  // whole, or the last piece
      at += kHeader + octet(4) + (std::size_t{octet(5)} << 8);
    }
  }
  return batches;
}

TEST(RocksdbStoreTest, AWaveIsOneBatchInTheLog) {
  const Directory directory;
  const auto store = open_in(directory.store(), 100'000);
  const int before = batches_in_log(directory.store());
  std::vector<RecordChange> changes;
  for (int i = 0; i < 4'096; ++i) {
    changes.push_back(
        change("ams-" + std::to_string(i), 0, std::string(500, 'v'), {"derived", "suspended"}));
  }
  std::vector<ChangeOutcome> outcomes(changes.size());
  ASSERT_EQ(store->write(changes, outcomes), Status());
  EXPECT_EQ(outcomes.back(), ChangeOutcome::kDone);
  EXPECT_EQ(batches_in_log(directory.store()) - before, 1);
  EXPECT_EQ(written(*store, change("one more", 0, "v")), ChangeOutcome::kDone);
  EXPECT_EQ(batches_in_log(directory.store()) - before, 2);
}

TEST(RocksdbStoreTest, ReportsADamagedDirectory) {
  const Directory directory;
  open_in(directory.store(), 10);
  std::ofstream(directory.store() + "/CURRENT") << "MANIFEST-nonsense\n";
  std::unique_ptr<ContextStore> store;
  const Status status = open_rocksdb_store(directory.store(), 10, &store);
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_THAT(status.message(), HasSubstr(directory.store()));
}

TEST(RocksdbStoreTest, AFullDiskLosesNothingAndServesAgainWhenThereIsRoom) {
  Directory directory;
  if (!directory.mount_small()) {
    GTEST_SKIP() << "a small file system cannot be mounted here";
  }
  const std::string ballast = directory.path() + "/ballast";
  const int ballast_file = creat(ballast.c_str(), 0600);
  ASSERT_EQ(posix_fallocate(ballast_file, 0, 157'000'000), 0);
  close(ballast_file);
  auto store = open_in(directory.store(), 10);
  std::map<std::string, std::string> answered;
  Status status;
  for (int i = 0; i < 2'000 && status.ok(); ++i) {
    const RecordChange made = change(std::to_string(i), 0, std::string(20'000, 'v'));
    ChangeOutcome outcome{};
    status = store->write({&made, 1}, {&outcome, 1});
    if (status.ok()) answered[made.name] = std::string(20'000, 'v');
  }
  EXPECT_EQ(status.code(), Code::kResourceExhausted);
  EXPECT_THAT(status.message(), HasSubstr("No space left on device"));
  EXPECT_GT(answered.size(), 10U);
  for (const auto& [name, value] : answered) EXPECT_EQ(text(found(*store, name)), value);
  std::filesystem::remove(ballast);
  // RocksDB looks every few seconds whether there is room for a whole buffer of 64 MiB.
  for (int tries = 0; tries < 300; ++tries) {
    const RecordChange later = change("later", 0, "value");
    ChangeOutcome outcome{};
    status = store->write({&later, 1}, {&outcome, 1});
    if (status.ok()) break;
    EXPECT_EQ(status.code(), Code::kResourceExhausted) << status.message();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(status.ok()) << status.message();
  answered["later"] = "value";
  store.reset();
  store = open_in(directory.store(), 10);
  for (const auto& [name, value] : answered) EXPECT_EQ(text(found(*store, name)), value);
}

constexpr int kWriters = 4;

/// Counts up under one name a writer, and says of each number on `answers` that it was written.
[[noreturn]] void write_until_killed(const std::string& directory, int answers) {
  std::unique_ptr<ContextStore> store;
  if (!open_rocksdb_store(directory, 1'000'000, &store).ok()) _exit(1);
  std::vector<std::jthread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&store, answers, w] {
      const std::string name = "writer-" + std::to_string(w);
      FoundRecord record;
      for (;;) {
        if (!store->read({&name, 1}, {&record, 1}).ok()) _exit(1);
        const int number = record.exists() ? std::stoi(text(record)) + 1 : 1;
        const RecordChange made = change(name, record.version, std::to_string(number),
                                         {name + " " + std::to_string(number)});
        ChangeOutcome outcome{};
        if (!store->write({&made, 1}, {&outcome, 1}).ok()) _exit(1);
        const std::array<int, 2> answer = {w, number};
        if (write(answers, answer.data(), sizeof(answer)) != sizeof(answer)) _exit(1);
      }
    });
  }
  for (;;) pause();
}

TEST(RocksdbStoreTest, WhatWasAnsweredSurvivesKills) {
  if (kThreadSanitizer) GTEST_SKIP() << kNoFork;
  const char* const asked = std::getenv("REKEY_KILLS");
  const int kills = asked == nullptr ? 3 : std::stoi(asked);
  const Directory directory;
  std::mt19937 random(1);
  std::array<int, kWriters> answered{};
  for (int kill_number = 0; kill_number < kills; ++kill_number) {
    std::array<int, 2> pipe_ends{};
    ASSERT_EQ(pipe(pipe_ends.data()), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(pipe_ends[0]);
      write_until_killed(directory.store(), pipe_ends[1]);
    }
    close(pipe_ends[1]);
    std::array<int, 2> answer{};
    int remaining = 1 + static_cast<int>(random() % 200);
    while (read(pipe_ends[0], answer.data(), sizeof(answer)) == sizeof(answer)) {
      answered[static_cast<std::size_t>(answer[0])] = answer[1];
      if (--remaining == 0) kill(child, SIGKILL);
    }
    EXPECT_LE(remaining, 0);
    close(pipe_ends[0]);
    int ended = 0;
    waitpid(child, &ended, 0);
    EXPECT_TRUE(WIFSIGNALED(ended));
    const auto store = open_in(directory.store(), 1'000'000);
    ASSERT_NE(store, nullptr);
    // Each number is there as a value at the end and as an event: all of them, once, in order.
    std::map<std::string, int> last;
    for (const std::string& event : octets_of(events_after(*store, 0, 1'000'000))) {
      const std::string name = event.substr(0, event.find(' '));
      EXPECT_EQ(std::stoi(event.substr(name.size() + 1)), last[name] + 1) << event;
      ++last[name];
    }
    for (int w = 0; w < kWriters; ++w) {
      const std::string name = "writer-" + std::to_string(w);
      const FoundRecord record = found(*store, name);
      const int number = record.exists() ? std::stoi(text(record)) : 0;
      EXPECT_GE(number, answered[static_cast<std::size_t>(w)]) << "after kill " << kill_number;
      EXPECT_EQ(number, last[name]) << "after kill " << kill_number;
    }
  }
}

}  // namespace
}  // namespace rekey::contexts
