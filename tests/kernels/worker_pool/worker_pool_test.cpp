// SPDX-License-Identifier: Apache-2.0
#include "rekey/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <latch>
#include <mutex>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace rekey {
namespace {

using testing::Each;
using testing::HasSubstr;

std::unique_ptr<WorkerPool> pool_of(unsigned threads) {
  std::unique_ptr<WorkerPool> pool;
  EXPECT_EQ(WorkerPool::create(threads, &pool), Status());
  return pool;
}

/// How often each part of one run was handed out. Deliberately not atomic: run() itself must order
/// the threads' writes before the caller's reads.
std::vector<int> times_taken(WorkerPool& pool, std::size_t parts) {
  std::vector<int> times(parts);
  pool.run(parts, [&](WorkerPool::Parts& left) {
    for (std::size_t part; left.next(&part);) ++times[part];
  });
  return times;
}

/// The threads that entered the body of a run. Each waits in its first part until `expected` are
/// there.
std::set<std::thread::id> threads_of_run(WorkerPool& pool, std::size_t parts, int expected) {
  std::mutex mutex;
  std::set<std::thread::id> ids;
  std::latch all_there(expected);
  pool.run(parts, [&](WorkerPool::Parts& left) {
    bool first = true;
    for (std::size_t part; left.next(&part);) {
      if (!first) continue;
      first = false;
      {
        const std::lock_guard lock(mutex);
        EXPECT_TRUE(ids.insert(std::this_thread::get_id()).second);
      }
      all_there.arrive_and_wait();
    }
  });
  return ids;
}

TEST(WorkerPool, HandsOutEachPartOnce) {
  for (const unsigned threads : {1U, 2U, 3U, 8U}) {
    const auto pool = pool_of(threads);
    EXPECT_EQ(pool->threads(), threads);
    for (const std::size_t parts : {1U, 2U, 3U, 7U, 8U, 9U, 1'000U}) {
      EXPECT_THAT(times_taken(*pool, parts), Each(1)) << threads << " threads, " << parts;
    }
  }
}

TEST(WorkerPool, DoesNotCallTheBodyWithoutParts) {
  for (const unsigned threads : {1U, 4U}) {
    const auto pool = pool_of(threads);
    bool called = false;
    pool->run(0, [&](WorkerPool::Parts&) { called = true; });
    EXPECT_FALSE(called);
  }
}

TEST(WorkerPool, OfOneThreadRunsEverythingOnItsCaller) {
  const auto pool = pool_of(1);
  EXPECT_EQ(threads_of_run(*pool, 100, 1), std::set{std::this_thread::get_id()});
}

TEST(WorkerPool, OnePartStaysOnItsCaller) {
  const auto pool = pool_of(4);
  EXPECT_EQ(threads_of_run(*pool, 1, 1), std::set{std::this_thread::get_id()});
}

TEST(WorkerPool, UsesAllItsThreadsAndItsCallers) {
  const auto pool = pool_of(4);
  for (int round = 0; round < 20; ++round) {
    const auto ids = threads_of_run(*pool, 4, 4);
    EXPECT_EQ(ids.size(), 4U);
    EXPECT_TRUE(ids.contains(std::this_thread::get_id()));
  }
}

// Nobody would take the other parts if the one that is stuck held them up.
TEST(WorkerPool, PartThatTakesLongHoldsUpNoOtherPart) {
  constexpr int kParts = 50;
  const auto pool = pool_of(2);
  std::latch others_done(kParts - 1);
  pool->run(kParts, [&](WorkerPool::Parts& left) {
    for (std::size_t part; left.next(&part);) {
      if (part == 0) {
        others_done.wait();
      } else {
        others_done.count_down();
      }
    }
  });
  EXPECT_TRUE(others_done.try_wait());
}

TEST(WorkerPool, ServesManyRuns) {
  const auto pool = pool_of(3);
  for (std::size_t run = 0; run < 5'000; ++run) {
    ASSERT_THAT(times_taken(*pool, run % 7), Each(1)) << "run " << run;
  }
}

TEST(WorkerPool, ServesSeveralCallersAtOnce) {
  const auto pool = pool_of(3);
  constexpr int kCallers = 4;
  std::array<int, kCallers> wrong{};
  {
    std::vector<std::jthread> callers;
    for (int& own_wrong : wrong) {
      callers.emplace_back([&] {
        for (std::size_t run = 0; run < 500; ++run) {
          const std::vector<int> times = times_taken(*pool, run % 11);
          own_wrong += times != std::vector<int>(run % 11, 1);
        }
      });
    }
  }
  EXPECT_THAT(wrong, Each(0));
}

TEST(WorkerPool, PartMayRunPartsOfItsOwn) {
  for (const unsigned threads : {1U, 2U, 4U}) {
    const auto pool = pool_of(threads);
    std::vector<int> sums(20);
    pool->run(sums.size(), [&](WorkerPool::Parts& left) {
      for (std::size_t part; left.next(&part);) {
        const std::vector<int> times = times_taken(*pool, 10);
        sums[part] = std::accumulate(times.begin(), times.end(), 0);
      }
    });
    EXPECT_THAT(sums, Each(10)) << threads << " threads";
  }
}

TEST(WorkerPool, EndsWithoutHavingRun) {
  for (int round = 0; round < 50; ++round) EXPECT_NE(pool_of(4), nullptr);
}

TEST(WorkerPool, NamesItsThreads) {
  const auto pool = pool_of(2);
  const std::thread::id caller = std::this_thread::get_id();
  std::array<char, 16> name{};
  std::latch both_there(2);
  pool->run(2, [&](WorkerPool::Parts& left) {
    std::size_t part;
    while (left.next(&part)) both_there.arrive_and_wait();
    if (std::this_thread::get_id() != caller) {
      pthread_getname_np(pthread_self(), name.data(), name.size());
    }
  });
  EXPECT_STREQ(name.data(), "rekey-pool-1");
}

TEST(WorkerPool, RefusesANumberOfThreadsThatMakesNoSense) {
  std::unique_ptr<WorkerPool> pool;
  EXPECT_EQ(WorkerPool::create(0, &pool),
            Status::invalid_argument("threads: expected 1 to 1024, found 0"));
  EXPECT_EQ(WorkerPool::create(1'025, &pool),
            Status::invalid_argument("threads: expected 1 to 1024, found 1025"));
  EXPECT_EQ(pool, nullptr);
}

/// Exits with 0 when create() says that the system gives no threads.
[[noreturn]] void create_without_leave_for_threads() {
  const rlimit none{0, 0};
  // The limit does not hold for root.
  if (setrlimit(RLIMIT_NPROC, &none) != 0 || (geteuid() == 0 && setuid(65'534) != 0)) _exit(2);
  std::unique_ptr<WorkerPool> pool;
  const Status status = WorkerPool::create(3, &pool);
  const bool said = status.code() == Code::kUnavailable && pool == nullptr &&
                    status.message().starts_with("threads: expected 3, found 1: ");
  _exit(said ? 0 : 1);
}

TEST(WorkerPoolDeathTest, SaysThatTheSystemGivesNoMoreThreads) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(create_without_leave_for_threads(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace rekey
