// SPDX-License-Identifier: Apache-2.0
//
// The fixture of tests that run on every engine.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/engines.h"

namespace rekey::test {

/// EngineTest makes the engine under test and skips the test, saying why, where it is unavailable.
class EngineTest : public ::testing::TestWithParam<EngineUnderTest> {
 protected:
  void SetUp() override {
    engine_ = GetParam().make();
    if (const std::string reason = engine_->unavailable_reason(); !reason.empty()) {
      GTEST_SKIP() << GetParam().name << ": " << reason;
    }
  }

  std::unique_ptr<Engine> engine_;
};

}  // namespace rekey::test
