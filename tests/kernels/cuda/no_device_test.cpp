// SPDX-License-Identifier: Apache-2.0
//
// The GPU engine where there is no GPU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "rekey/engines.h"

namespace rekey {
namespace {

TEST(CudaWithoutDevice, SaysInPlainWordsThatItIsAbsent) {
  const auto engine = make_cuda_engine();
  const std::string reason = engine->unavailable_reason();
  if (reason.empty()) GTEST_SKIP() << "there is a device: " << engine->description();
  EXPECT_THAT(reason, ::testing::StartsWith("no CUDA device ("));
  EXPECT_EQ(engine->description(), "absent");
  EXPECT_EQ(admit(*engine), Status(Code::kUnavailable, "cuda: " + reason));

  std::vector<std::uint8_t> mac(kBlockOctets, 0xa5);
  const std::vector<std::uint8_t> key(kBlockOctets);
  EXPECT_EQ(engine->cmac({1, key, {}, 0}, mac), Status(Code::kUnavailable, "cuda: " + reason));
  EXPECT_THAT(mac, ::testing::Each(0));
}

}  // namespace
}  // namespace rekey
