// SPDX-License-Identifier: Apache-2.0
//
// One CUDA call fails, as the environment says: PTXRUN_FAIL tells the runtime which one, and
// REKEY_EXPECT_FAILURE the test what the status must name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "kernels/cuda/device_fixture.h"
#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/hex.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

class Faults : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* expected = std::getenv("REKEY_EXPECT_FAILURE");
    if (expected == nullptr) GTEST_SKIP() << "needs a CUDA runtime that can be made to fail";
    expected_ = expected;
  }

  /// Derives a batch of two chunks. Either all keys are right, or the status is clean and every
  /// octet of the result is zero.
  void derive() {
    BatchShape shape;
    shape.count = kSmallChunks.chunk_items + 10;
    const BatchColumns columns = BatchColumns::random(shape, 1);
    CheckedBatch batch;
    ASSERT_TRUE(check_batch(columns.input(), &batch).ok());
    const OwnedResult expected(batch);
    ASSERT_TRUE(make_openssl_engine()->derive(batch, expected.result()).ok());
    const OwnedResult found(batch);
    const Status status = engine_->derive(batch, found.result());
    if (status.ok()) {
      EXPECT_EQ(first_difference(batch, expected, found), "");
      return;
    }
    failed(status);
    for (KeyKind kind : kAllKeyKinds) EXPECT_THAT(found.column(kind), Each(0)) << to_string(kind);
  }

  /// The same for Engine::cmac().
  void cmac() {
    const std::vector<std::uint8_t> keys(2 * kBlockOctets, 0x11);
    const std::vector<std::uint8_t> messages(2 * 20, 0x22);
    const CmacBatch batch = {2, keys, messages, 20};
    std::vector<std::uint8_t> expected(2 * kBlockOctets);
    ASSERT_TRUE(make_openssl_engine()->cmac(batch, expected).ok());
    std::vector<std::uint8_t> found(2 * kBlockOctets, OwnedResult::kUnwritten);
    const Status status = engine_->cmac(batch, found);
    if (status.ok()) {
      EXPECT_EQ(to_hex(found), to_hex(expected));
      return;
    }
    failed(status);
    EXPECT_THAT(found, Each(0));
  }

  void failed(const Status& status) {
    ++failures_;
    EXPECT_EQ(status.code(), Code::kInternal);
    EXPECT_THAT(status.message(), HasSubstr(expected_));
  }

  std::string expected_;
  std::unique_ptr<Engine> engine_;
  int failures_ = 0;
};

TEST_F(Faults, AreReportedOnceAndHarmNothingElse) {
  engine_ = cuda::make_engine(kSmallChunks);
  if (const std::string reason = engine_->unavailable_reason(); !reason.empty()) {
    EXPECT_THAT(reason, HasSubstr(expected_));
    EXPECT_EQ(admit(*engine_).code(), Code::kUnavailable);
    engine_ = cuda::make_engine(kSmallChunks);
    ++failures_;
  }
  for (int i = 0; i < 2; ++i) {
    derive();
    cmac();
  }
  EXPECT_EQ(failures_, 1);
}

}  // namespace
}  // namespace rekey::test
