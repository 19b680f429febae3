// SPDX-License-Identifier: Apache-2.0
#include "simd/demand.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "profile/variants.h"

namespace rekey::simd {
namespace {

using profile::HierarchyLayout;
using profile::kLayout;
using profile::Variant;

constexpr HierarchyLayout kDraft = kLayout<Variant{Profile::k16mDraft, false, 1, false}>;
constexpr HierarchyLayout kPublished = kLayout<Variant{Profile::k16mPublished, false, 1, false}>;
constexpr HierarchyLayout kNoPrivacy = kLayout<Variant{Profile::k16mPublished, false, 1, true}>;
constexpr HierarchyLayout kLegacy = kLayout<Variant{Profile::kLegacy16e, false, 1, false}>;

/// One word a step: the T(i) that are demanded.
std::vector<std::string> demanded(const HierarchyLayout& layout, KeySet outputs) {
  const Demand demand = Demands(layout).of(outputs);
  std::vector<std::string> steps;
  for (std::size_t s = 0; s < layout.ams_step_count; ++s) {
    std::string evaluations;
    for (std::size_t i = 0; i < layout.ams_steps[s].evaluations; ++i) {
      if (demand.contains(layout.ams_steps[s], i)) evaluations += std::to_string(i);
    }
    EXPECT_EQ(demand.contains(layout.ams_steps[s]), !evaluations.empty());
    steps.push_back(evaluations);
  }
  return steps;
}

using Steps = std::vector<std::string>;

TEST(Demand, IsEverythingThatIsExportedWhenAllIsAskedFor) {
  EXPECT_EQ(demanded(kDraft, derived_keys(Profile::k16mDraft)), (Steps{"0", "01", "0", "01"}));
  EXPECT_EQ(demanded(kLegacy, derived_keys(Profile::kLegacy16e)),
            (Steps{"01", "0", "012", "0", "0"}));
}

// Specification, section 4: 19 blocks in place of 21, as PREKEY's T(0) is never exported.
TEST(Demand, NeverIncludesTheFirstHalfOfPrekey) {
  EXPECT_EQ(demanded(kPublished, derived_keys(Profile::k16mPublished)),
            (Steps{"0", "01", "0", "1", "01"}));
}

TEST(Demand, IncludesAksFirstBlockOnlyForAkItself) {
  EXPECT_EQ(demanded(kDraft, {KeyKind::kAk}), (Steps{"0", "01", "", ""}));
  EXPECT_EQ(demanded(kDraft, {KeyKind::kAkid}), (Steps{"0", "1", "0", ""}));
}

TEST(Demand, OfTeksIsTheirKeyAndWhatThatNeeds) {
  EXPECT_EQ(demanded(kDraft, {KeyKind::kTek}), (Steps{"0", "1", "", ""}));
  EXPECT_EQ(demanded(kPublished, {KeyKind::kTek}), (Steps{"0", "1", "", "1", ""}));
}

TEST(Demand, TakesEachCmacKeyAlone) {
  EXPECT_EQ(demanded(kDraft, {KeyKind::kCmacKeyU}), (Steps{"0", "1", "", "0"}));
  EXPECT_EQ(demanded(kDraft, {KeyKind::kCmacKeyD}), (Steps{"0", "1", "", "1"}));
  EXPECT_EQ(demanded(kLegacy, {KeyKind::kCmacKeyD}), (Steps{"1", "", "1", "", "0"}));
  EXPECT_EQ(demanded(kLegacy, {KeyKind::kKek}), (Steps{"1", "", "2", "", ""}));
}

TEST(Demand, IsNothingWhereMsidStarIsMsid) {
  EXPECT_EQ(demanded(kNoPrivacy, {KeyKind::kMsidStar}), (Steps{"", "", "", ""}));
}

TEST(Demand, OfASetIsWhatItsMembersNeed) {
  for (const HierarchyLayout& layout : {kDraft, kPublished, kNoPrivacy, kLegacy}) {
    const Demands demands(layout);
    for (unsigned bits = 0; bits < 1U << kAllKeyKinds.size(); ++bits) {
      KeySet outputs;
      for (KeyKind kind : kAllKeyKinds) {
        if ((bits >> static_cast<unsigned>(kind) & 1U) != 0) outputs.insert(kind);
      }
      EXPECT_EQ(demands.of(outputs), demand_for(layout, outputs)) << "outputs " << bits;
    }
  }
}

}  // namespace
}  // namespace rekey::simd
