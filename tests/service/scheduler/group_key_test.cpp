// SPDX-License-Identifier: Apache-2.0
#include "scheduler/group_key.h"

#include <gtest/gtest.h>

#include <vector>

namespace rekey::scheduler {
namespace {

GroupKey key_of(const BatchInput& input) {
  CheckedBatch batch;
  EXPECT_EQ(check_batch(input, &batch), Status());
  return GroupKey::of(batch);
}

TEST(GroupKey, SpelledOutDefaultsAreTheSameGroup) {
  const std::uint16_t counters[] = {0, 1};
  const BatchInput plain;
  BatchInput spelled_out;
  spelled_out.tek_counters = counters;
  spelled_out.outputs = derived_keys(Profile::k16mDraft);
  EXPECT_EQ(key_of(plain), key_of(spelled_out));
}

TEST(GroupKey, EveryPartTellsGroupsApart) {
  const std::uint16_t two[] = {2};
  const std::uint16_t two_three[] = {2, 3};
  const std::uint16_t three_two[] = {3, 2};
  std::vector<BatchInput> inputs(10);
  inputs[1].profile = Profile::kLegacy16e;
  inputs[2].profile = Profile::k16mPublished;
  inputs[3].profile = Profile::k16mPublished;
  inputs[3].options.msid_privacy_off = true;
  inputs[4].options.nonce_first = true;
  inputs[5].options.said_octets = 2;
  inputs[6].tek_counters = two;
  inputs[7].tek_counters = two_three;
  inputs[8].tek_counters = three_two;
  inputs[9].outputs = {KeyKind::kAk};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t j = 0; j < inputs.size(); ++j) {
      const GroupKey left = key_of(inputs[i]);
      const GroupKey right = key_of(inputs[j]);
      EXPECT_EQ(left == right, i == j) << i << " and " << j;
      EXPECT_EQ(left < right || right < left, i != j) << i << " and " << j;
    }
  }
}

}  // namespace
}  // namespace rekey::scheduler
