// SPDX-License-Identifier: Apache-2.0
//
// What tests share that need a device: a GPU, or a CUDA runtime that stands in for one.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "cuda/cuda_engine.h"
#include "cuda/tuning.h"
#include "rekey/engine.h"

namespace rekey::test {

/// Chunks so small that batches of a few hundred items need several, in items and in TEKs.
inline constexpr cuda::Tuning kSmallChunks = {.chunk_items = 160,
                                              .chunk_teks = cuda::kMaxTeksPerAms};

/// DeviceTest skips where there is no device, unless the environment says that there must be one.
class DeviceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { engine_ = cuda::make_engine(kSmallChunks); }
  static void TearDownTestSuite() { engine_.reset(); }

  void SetUp() override {
    const std::string reason = engine_->unavailable_reason();
    if (reason.empty()) return;
    ASSERT_EQ(std::getenv("REKEY_EXPECT_DEVICE"), nullptr) << reason;
    GTEST_SKIP() << reason;
  }

  static inline std::unique_ptr<Engine> engine_;
};

}  // namespace rekey::test
