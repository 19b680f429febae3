// SPDX-License-Identifier: Apache-2.0
#include "engines/bound.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engines/aes_instructions.h"
#include "engines/contender.h"
#include "engines/report.h"
#include "engines/run.h"
#include "rekey/engines.h"
#include "rekey/worker_pool.h"

namespace rekey::bench {
namespace {

TEST(Bound, CountsBlocksAndKeySchedulesOfTheSpecification) {
  EXPECT_DOUBLE_EQ(block_rounds_of_ams(Profile::k16mDraft), 10 * (17 + 3));
  EXPECT_DOUBLE_EQ(block_rounds_of_ams(Profile::k16mPublished), 10 * (19 + 4));
  EXPECT_DOUBLE_EQ(block_rounds_of_ams(Profile::kLegacy16e), 10 * (19 + 4));
}

TEST(AesInstructions, RunAndCountWhatTheyRun) {
  for (const AesInstruction& instruction : aes_instructions()) {
    instruction.run();
    EXPECT_GT(instruction.instructions_per_run, 0U);
    EXPECT_DOUBLE_EQ(
        instruction.block_rounds_per_run(),
        double{instruction.name == kVaesenc512 ? 4.0 : 1.0} * instruction.instructions_per_run);
  }
}

TEST(AesInstructions, BelongToTargetsThatHaveThem) {
  EXPECT_EQ(instruction_of_simd_target("AVX3_DL"), kVaesenc512);
  for (const char* target : {"AVX2", "SSE4"}) {
    EXPECT_EQ(instruction_of_simd_target(target), kAesenc128);
  }
  for (const char* target : {"SSSE3", "NEON", ""}) {
    EXPECT_EQ(instruction_of_simd_target(target), "");
  }
}

TEST(Run, RelatesEachContenderToTheRateOfItsOwnInstruction) {
  ContenderChoice choice;
  for (std::string_view target : simd_targets()) choice.simd_targets.emplace_back(target);
  const auto contenders = make_simd_contenders(choice);
  const ProfileReport report =
      run_profile(Profile::kLegacy16e, 64, {3, std::chrono::microseconds(100)}, contenders);
  ASSERT_TRUE(report.good());
  for (const ContenderReport& contender : report.contenders) {
    const std::string target = contender.name.substr(contender.name.find('_') + 1);
    EXPECT_EQ(contender.bound_instruction, instruction_of_simd_target(target)) << target;
    EXPECT_EQ(contender.share_of_bound.has_value(), !contender.bound_instruction.empty());
    if (!contender.share_of_bound) continue;
    EXPECT_GT(contender.share_of_bound->min, 0);
    EXPECT_LE(contender.share_of_bound->min, contender.share_of_bound->median);
  }
  for (const BoundReport& bound : report.bounds) {
    EXPECT_DOUBLE_EQ(bound.ams_per_second.median, bound.block_rounds_per_second.median / 230);
  }
}

TEST(Run, RelatesAContenderOnThreadsToTheInstructionOnAsManyAndToItselfOnOne) {
  if (instruction_of_simd_target(simd_targets().front()).empty()) {
    GTEST_SKIP() << "this machine has no AES instruction";
  }
  std::unique_ptr<WorkerPool> pool;
  ASSERT_TRUE(WorkerPool::create(2, &pool).ok());
  const auto contenders = make_simd_contenders({.simd_targets = {}, .pool = pool.get()});
  const ProfileReport report =
      run_profile(Profile::kLegacy16e, 64, {3, std::chrono::microseconds(100)}, contenders);
  ASSERT_TRUE(report.good());
  ASSERT_EQ(report.contenders.size(), 2U);
  EXPECT_EQ(report.contenders[0].name, "simd");
  EXPECT_EQ(report.contenders[1].name, "simd-1-thread");
  EXPECT_NE(report.contenders[0].ratio_to("simd-1-thread"), nullptr);
  ASSERT_EQ(report.bounds.size(), 2U);
  EXPECT_EQ(report.bounds[0].threads, 1U);
  EXPECT_FALSE(report.bounds[0].ratio_to_one_thread.has_value());
  EXPECT_EQ(report.bounds[1].threads, 2U);
  ASSERT_TRUE(report.bounds[1].ratio_to_one_thread.has_value());
  EXPECT_GT(report.bounds[1].ratio_to_one_thread->median, 0);
  for (const ContenderReport& contender : report.contenders) {
    EXPECT_TRUE(contender.share_of_bound.has_value()) << contender.name;
  }
  EXPECT_NE(to_text({{}, 64, {report}}).find("on 2 threads"), std::string::npos);
}

}  // namespace
}  // namespace rekey::bench
