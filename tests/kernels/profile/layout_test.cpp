// SPDX-License-Identifier: Apache-2.0
#include "profile/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "profile/variants.h"

namespace rekey::profile {
namespace {

constexpr HierarchyLayout kDraft = kLayout<Variant{Profile::k16mDraft, false, 1, false}>;
constexpr HierarchyLayout kPublished = kLayout<Variant{Profile::k16mPublished, false, 1, false}>;
constexpr HierarchyLayout kLegacy = kLayout<Variant{Profile::kLegacy16e, false, 1, false}>;

/// AES blocks and key schedules of one AMS with one SA and two TEKs, one block for each Kin's
/// subkeys.
struct Cost {
  int blocks = 0;
  int key_schedules = 0;
};

Cost cost_of_one_ams(const HierarchyLayout& layout) {
  Cost cost;
  std::vector<Value> kins;
  const auto add = [&](const StepLayout& step, int times) {
    const int per_evaluation = step.function == Function::kDot16Kdf ? step.block_count : 1;
    cost.blocks += per_evaluation * step.evaluations * times;
    if (std::find(kins.begin(), kins.end(), step.key) == kins.end()) {
      kins.push_back(step.key);
      ++cost.key_schedules;
      if (step.function == Function::kDot16Kdf) ++cost.blocks;
    }
  };
  for (std::size_t i = 0; i < layout.ams_step_count; ++i) add(layout.ams_steps[i], 1);
  if (layout.has_teks) add(layout.tek_step, 2);
  return cost;
}

// Specification, section 4.
TEST(Layout, CostsWhatTheSpecificationSays) {
  EXPECT_EQ(cost_of_one_ams(kDraft).blocks, 17);
  EXPECT_EQ(cost_of_one_ams(kDraft).key_schedules, 3);
  EXPECT_EQ(cost_of_one_ams(kPublished).blocks, 21);
  EXPECT_EQ(cost_of_one_ams(kPublished).key_schedules, 4);
  EXPECT_EQ(cost_of_one_ams(kLegacy).blocks, 19);
  EXPECT_EQ(cost_of_one_ams(kLegacy).key_schedules, 4);
}

// Specification, section 2: the first message of 16m-published is exactly 16 octets (subkey K1);
// every other message uses K2.
TEST(Layout, OnlyThePublishedMsidStarFillsItsLastBlock) {
  EXPECT_TRUE(kPublished.ams_steps[0].last_block_complete);
  for (const HierarchyLayout& layout : {kDraft, kPublished, kLegacy}) {
    for (std::size_t i = 0; i < layout.ams_step_count; ++i) {
      const StepLayout& step = layout.ams_steps[i];
      if (step.cuts[0].value == Value::kMsidStar && step.block_count == 1) continue;
      EXPECT_FALSE(step.last_block_complete);
    }
    EXPECT_FALSE(layout.tek_step.last_block_complete);
  }
}

TEST(Layout, TakesTheRightmostSixteenOctetsOfAKey) {
  EXPECT_EQ(kDraft.ams_steps[1].key, Value::kPmk);
  EXPECT_EQ(kDraft.ams_steps[1].key_offset, 4);
  EXPECT_TRUE(kDraft.ams_steps[0].key_zero_extended);
  EXPECT_EQ(kLegacy.ams_steps[3].key, Value::kPrekeyU);
  EXPECT_EQ(kLegacy.ams_steps[3].key_offset, 0);
}

TEST(Layout, CutsTheRightEndOfTheEvaluations) {
  const StepLayout& ak = kDraft.ams_steps[1];
  EXPECT_EQ(ak.evaluations, 2);
  EXPECT_EQ(ak.cuts[0].offset, 12);
  EXPECT_EQ(ak.cuts[0].octets, 20);
  const StepLayout& msid_star = kDraft.ams_steps[0];
  EXPECT_EQ(msid_star.evaluations, 1);
  EXPECT_EQ(msid_star.cuts[0].offset, 10);
  const StepLayout& prekeys_and_kek = kLegacy.ams_steps[2];
  EXPECT_EQ(prekeys_and_kek.evaluations, 3);
  EXPECT_EQ(prekeys_and_kek.cuts[2].value, Value::kKek);
  EXPECT_EQ(prekeys_and_kek.cuts[2].offset, 32);
}

TEST(Layout, PadsTheTekMessage) {
  // 00000000 | SAID | COUNTER_TEK | "TEK" | 00000080 | 80 | 00
  const Block& block = kDraft.tek_step.blocks[0];
  const std::string constant(reinterpret_cast<const char*>(block.constant), kBlockOctets);
  EXPECT_EQ(constant, std::string("\0\0\0\0\0\0\0TEK\0\0\0\x80\x80\0", 16));
  ASSERT_EQ(block.field_count, 2);
  EXPECT_EQ(block.fields[0].value, Value::kSaid);
  EXPECT_EQ(block.fields[0].block_offset, 4);
  EXPECT_EQ(block.fields[1].value, Value::kCounterTek);
  EXPECT_EQ(block.fields[1].block_offset, 5);
}

TEST(Layout, RightAlignsTheCountInTheEcbBlock) {
  const Block& block = kLegacy.ams_steps[3].blocks[0];
  ASSERT_EQ(block.field_count, 1);
  EXPECT_EQ(block.fields[0].value, Value::kCmacKeyCount);
  EXPECT_EQ(block.fields[0].block_offset, 14);
}

}  // namespace
}  // namespace rekey::profile
