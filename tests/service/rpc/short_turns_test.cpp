// SPDX-License-Identifier: Apache-2.0
#include "rpc/short_turns.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <thread>

namespace rekey::rpc {
namespace {

/// The turn of the calling thread in nanoseconds; 0 where the system knows of none.
std::uint64_t turn_ns() {
  constexpr std::size_t kRuntime = 3;  // in Linux' sched_attr
  std::array<std::uint64_t, 6> attributes{};
  if (syscall(SYS_sched_getattr, 0, attributes.data(), sizeof attributes, 0) != 0) return 0;
  return attributes[kRuntime];
}

TEST(ShortTurns, AreThoseOfTheThreadThatAsksAndOfThoseThatItStarts) {
  const std::uint64_t before_ns = turn_ns();
  if (before_ns == 0) GTEST_SKIP() << "this system does not know of turns (Linux before 6.12)";
  std::thread([before_ns] {
    ask_for_short_turns();
    EXPECT_LT(turn_ns(), before_ns);
    std::thread([own_ns = turn_ns()] { EXPECT_EQ(turn_ns(), own_ns); }).join();
  }).join();
  EXPECT_EQ(turn_ns(), before_ns);
}

}  // namespace
}  // namespace rekey::rpc
