// SPDX-License-Identifier: Apache-2.0
//
// What must not stand in the GPU engine's sources: calls that wait for the whole device, and work
// on the default stream, both of which would stall every other stream of the process.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

namespace rekey::test {
namespace {

struct Forbidden {
  const char* what;
  std::regex pattern;
};

TEST(CudaSources, NeverWaitForTheDeviceOrUseTheDefaultStream) {
  const Forbidden forbidden[] = {
      {"waits for the whole device", std::regex("cudaDeviceSynchronize|cudaThreadSynchronize")},
      {"resets the device of the whole process", std::regex("cudaDeviceReset")},
      {"names the default stream", std::regex("cudaStreamLegacy|cudaStreamPerThread")},
      {"works on the default stream", std::regex("\\b(cudaMemcpy|cudaMemset)\\s*\\(")},
      {"launches without naming a stream", std::regex("<<<")},
      {"lets Thrust use the default stream", std::regex("thrust::device\\b|thrust::device_vector")},
      {"lets Thrust use the default stream", std::regex("cuda::par(_nosync)?(\\([^)]*\\))?\\s*,")},
  };
  int sources = 0;
  for (const auto& entry : std::filesystem::directory_iterator(REKEY_CUDA_SOURCES)) {
    const std::string suffix = entry.path().extension();
    if (suffix != ".h" && suffix != ".cpp" && suffix != ".cu") continue;
    ++sources;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    for (const Forbidden& f : forbidden) {
      EXPECT_FALSE(std::regex_search(text, f.pattern)) << entry.path() << " " << f.what;
    }
  }
  EXPECT_GE(sources, 10) << "too few sources in " << REKEY_CUDA_SOURCES;
}

}  // namespace
}  // namespace rekey::test
