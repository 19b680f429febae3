// SPDX-License-Identifier: Apache-2.0
//
// What must not stand in the GPU engine's sources: calls that wait for the whole device, and work
// on the default stream, both of which would stall every other stream of the process.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace rekey::test {
namespace {

struct Forbidden {
  const char* text;
  const char* what;
};

constexpr Forbidden kForbidden[] = {
    {"cudaDeviceSynchronize", "waits for the whole device"},
    {"cudaThreadSynchronize", "waits for the whole device"},
    {"cudaDeviceReset", "takes the device from the whole process"},
    {"cudaStreamLegacy", "names the default stream"},
    {"cudaStreamPerThread", "names a default stream"},
    {"cudaStreamCreate(", "makes a stream that waits for the default stream"},
    {"cudaMemcpy(", "copies on the default stream"},
    {"cudaMemset(", "fills on the default stream"},
    {"<<<", "can launch without naming a stream"},
    {"thrust::device", "lets Thrust use the default stream"},
};

/// Whether every execution policy of Thrust in `text` names its stream.
bool thrust_policies_name_a_stream(const std::string& text) {
  constexpr std::size_t kReach = 40;  // from the policy to its stream, past an allocator
  const std::string policy = "cuda::par";
  for (std::size_t at = text.find(policy); at != std::string::npos;
       at = text.find(policy, at + policy.size())) {
    if (text.substr(at, kReach).find(".on(") == std::string::npos) return false;
  }
  return true;
}

TEST(CudaSources, NeverWaitForTheDeviceOrUseTheDefaultStream) {
  int sources = 0;
  for (const auto& entry : std::filesystem::directory_iterator(REKEY_CUDA_SOURCES)) {
    const std::string suffix = entry.path().extension();
    if (suffix != ".h" && suffix != ".cpp" && suffix != ".cu") continue;
    ++sources;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    ASSERT_FALSE(text.empty()) << entry.path();
    for (const Forbidden& forbidden : kForbidden) {
      EXPECT_EQ(text.find(forbidden.text), std::string::npos)
          << entry.path() << ": " << forbidden.text << " " << forbidden.what;
    }
    EXPECT_TRUE(thrust_policies_name_a_stream(text)) << entry.path();
  }
  EXPECT_GE(sources, 10) << "too few sources in " << REKEY_CUDA_SOURCES;
}

TEST(CudaSources, ThrustPoliciesWithoutAStreamAreSeen) {
  EXPECT_TRUE(
      thrust_policies_name_a_stream("f(thrust::cuda::par_nosync(allocator).on(stream), 1)"));
  EXPECT_FALSE(thrust_policies_name_a_stream("f(thrust::cuda::par, 1); g()"));
}

}  // namespace
}  // namespace rekey::test
