// SPDX-License-Identifier: Apache-2.0
#include "simd/recipes.h"

#include <gtest/gtest.h>

#include "profile/variants.h"

namespace rekey::simd {
namespace {

using profile::HierarchyLayout;
using profile::kLayout;
using profile::Variant;

constexpr HierarchyLayout kDraft = kLayout<Variant{Profile::k16mDraft, false, 1, false}>;
constexpr HierarchyLayout kNoPrivacy = kLayout<Variant{Profile::k16mPublished, false, 1, true}>;

/// The index of the octet that goes to `position`, or kNoOctet when its slot takes no part.
std::uint8_t index_of(const Recipe& recipe, std::size_t slot, std::size_t position) {
  for (std::size_t i = 0; i < recipe.shuffle_count; ++i) {
    if (recipe.shuffles[i].slot == slot) return recipe.shuffles[i].indices[position];
  }
  return kNoOctet;
}

// BE32(0) | MSID* | BSID | CMAC_KEY_COUNT | "AK" ...: MSID* is the right end of T(0) of step 0.
TEST(Recipes, GatherAMessageFromTheSlotsOfItsValues) {
  const Recipe first = ams_message_recipe(kDraft, kDraft.ams_steps[1], 0);
  EXPECT_EQ(first.shuffle_count, 2U);
  for (std::size_t i = 0; i < kBlockOctets; ++i) {
    const std::size_t msid_star = i - 4;
    const std::size_t bsid = i - 10;
    EXPECT_EQ(index_of(first, result_slot(kDraft.ams_steps[0], 0), i),
              msid_star < 6 ? 10 + msid_star : kNoOctet);
    EXPECT_EQ(index_of(first, kBsidSlot, i), bsid < 6 ? bsid : kNoOctet);
    EXPECT_EQ(first.constant[i], 0);
  }
  const Recipe second = ams_message_recipe(kDraft, kDraft.ams_steps[1], 1);
  EXPECT_EQ(index_of(second, kCmacKeyCountSlot, 0), 0);
  EXPECT_EQ(index_of(second, kCmacKeyCountSlot, 1), 1);
  EXPECT_EQ(second.constant[2], 'A');
  EXPECT_EQ(second.constant[3], 'K');
}

TEST(Recipes, TakeTheKinAsItLiesWhereItIsOneSlot) {
  const Recipe from_pmk = kin_recipe(kDraft, kDraft.ams_steps[1]);
  EXPECT_TRUE(from_pmk.is_slot());
  EXPECT_EQ(from_pmk.shuffles[0].slot, kPmkSlot);
  const Recipe from_ak = kin_recipe(kDraft, kDraft.tek_step);
  EXPECT_TRUE(from_ak.is_slot());
  EXPECT_EQ(from_ak.shuffles[0].slot, result_slot(kDraft.ams_steps[1], 1));
}

TEST(Recipes, ExtendMsidWithZeroOctets) {
  const Recipe recipe = kin_recipe(kDraft, kDraft.ams_steps[0]);
  EXPECT_FALSE(recipe.is_slot());
  for (std::size_t i = 0; i < kBlockOctets; ++i) {
    EXPECT_EQ(index_of(recipe, kMsidSlot, i), i < kMsidOctets ? i : kNoOctet);
    EXPECT_EQ(recipe.constant[i], 0);
  }
}

TEST(Recipes, ReadMsidWhereItStandsForMsidStar) {
  const Recipe recipe = ams_message_recipe(kNoPrivacy, kNoPrivacy.ams_steps[0], 0);
  EXPECT_EQ(index_of(recipe, kMsidSlot, 4), 0);
  EXPECT_EQ(index_of(recipe, kBsidSlot, 10), 0);
}

TEST(Recipes, PlaceSaidAndCounterInATeksMessage) {
  constexpr HierarchyLayout kWide = kLayout<Variant{Profile::k16mDraft, false, 2, false}>;
  const Recipe recipe = tek_message_recipe(kWide.tek_step, 0);
  EXPECT_EQ(recipe.of_slot(kSaidSlot).indices[4], 0);
  EXPECT_EQ(recipe.of_slot(kCounterSlot).indices[4], kNoOctet);
  EXPECT_EQ(index_of(recipe, kSaidSlot, 4), 0);
  EXPECT_EQ(index_of(recipe, kSaidSlot, 5), 1);
  EXPECT_EQ(index_of(recipe, kCounterSlot, 6), 0);
  EXPECT_EQ(index_of(recipe, kCounterSlot, 7), 1);
  EXPECT_EQ(recipe.constant[8], 'T');
}

}  // namespace
}  // namespace rekey::simd
