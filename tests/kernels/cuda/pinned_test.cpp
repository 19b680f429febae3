// SPDX-License-Identifier: Apache-2.0
//
// Host memory that devices copy from and to on their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "cuda/device.h"
#include "kernels/cuda/device_fixture.h"
#include "kernels/cuda/runtime_double.h"
#include "rekey/host_memory.h"
#include "rekey/secret.h"

namespace rekey::test {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

class CudaPinned : public DeviceTest {
 protected:
  static bool is_pinned(const SecretBuffer& buffer) {
    bool pinned = false;
    EXPECT_EQ(cuda::find_pinned(buffer.octets(), &pinned), Status());
    return pinned;
  }
};

TEST_F(CudaPinned, GivesBuffersThatADeviceCopiesFrom) {
  const auto memory = make_pinned_memory(16 * kMebibyte);
  for (const std::size_t octets : {std::size_t{1}, std::size_t{1000}, 2 * kMebibyte}) {
    EXPECT_TRUE(is_pinned(SecretBuffer(octets, memory.get()))) << octets;
  }
  EXPECT_FALSE(is_pinned(SecretBuffer(1000))) << "memory of its own";
}

TEST_F(CudaPinned, FallsBackToPlainMemoryWhereThePoolEnds) {
  const auto memory = make_pinned_memory(24 * kMebibyte);
  std::vector<SecretBuffer> buffers;
  for (int i = 0; i < 7; ++i) {
    buffers.emplace_back(4 * kMebibyte, memory.get());
    std::ranges::fill(buffers.back().octets(), std::uint8_t{1});
  }
  EXPECT_TRUE(is_pinned(buffers.front()));
  EXPECT_FALSE(is_pinned(buffers.back()));
  EXPECT_FALSE(is_pinned(SecretBuffer(4 * kMebibyte + 1, memory.get()))) << "too large to pool";
}

TEST_F(CudaPinned, ReusesWhatWasGivenBackAndPinsNothingLater) {
  const auto memory = make_pinned_memory(24 * kMebibyte);
  const std::int64_t allocations = runtime_double().allocations;
  for (int round = 0; round < 100; ++round) {
    std::vector<SecretBuffer> buffers;
    for (const std::size_t octets : {20, 6, 6, 8, 2, 1, 16, 32}) {
      buffers.emplace_back(octets * 65'536, memory.get());
      ASSERT_TRUE(is_pinned(buffers.back())) << "round " << round << ", " << octets;
      EXPECT_THAT(buffers.back().octets().first(100), ::testing::Each(0));
      buffers.back().octets()[7] = 1;
    }
  }
  EXPECT_EQ(runtime_double().allocations, allocations);
}

TEST_F(CudaPinned, IsPlainMemoryWhereNothingCanBePinned) {
  runtime_double().failing_call = runtime_double().calls + 1;
  runtime_double().error = cudaErrorMemoryAllocation;
  const auto memory = make_pinned_memory(kMebibyte);
  EXPECT_THAT(runtime_double().failed, ::testing::ElementsAre("cudaHostAlloc"));
  runtime_double().failing_call = 0;
  SecretBuffer buffer(1000, memory.get());
  EXPECT_FALSE(is_pinned(buffer));
  buffer.octets()[999] = 1;
}

TEST_F(CudaPinned, ServesSeveralThreadsAtOnce) {
  const auto memory = make_pinned_memory(kMebibyte);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto mark = static_cast<std::uint8_t>(i + 1);
      for (std::size_t round = 1; round <= 300; ++round) {
        SecretBuffer buffer(round * 700, memory.get());
        std::ranges::fill(buffer.octets(), mark);
        ASSERT_TRUE(std::ranges::all_of(buffer.octets(), [&](auto o) { return o == mark; }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace rekey::test
