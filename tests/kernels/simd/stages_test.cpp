// SPDX-License-Identifier: Apache-2.0
#include "simd/stages.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

#include "profile/variants.h"

namespace rekey::simd {
namespace {

using profile::HierarchyLayout;
using profile::kLayout;
using profile::Variant;

/// A hierarchy with all that is made of it.
struct Plan {
  explicit Plan(const HierarchyLayout& hierarchy)
      : layout(hierarchy),
        phases(phases_of(hierarchy)),
        full(demand_for(hierarchy, KeySet(kAllKeyKinds))),
        stages(stages_of(layout, phases, full)) {}

  HierarchyLayout layout;
  Phases phases;
  Demand full;
  Stages stages;
};

class EveryHierarchy : public testing::TestWithParam<Variant> {
 protected:
  static Plan plan() {
    Plan found(kLayout<Variant{Profile::k16mDraft, false, 1, false}>);
    profile::with_variant(
        GetParam().profile,
        {GetParam().nonce_first, GetParam().said_octets, GetParam().msid_privacy_off},
        [&]<Variant V>() { found = Plan(kLayout<V>); });
    return found;
  }
};

TEST_P(EveryHierarchy, HasEachWaveOnceAndTeksWithOrAfterTheLastOfTheirPhase) {
  const Plan plan = EveryHierarchy::plan();
  std::size_t s = 0;
  for (std::size_t p = 0; p < plan.phases.count; ++p) {
    bool has_had_teks = false;
    for (std::size_t w = 0; w < plan.phases.items[p].waves; ++w, ++s) {
      ASSERT_LT(s, plan.stages.count);
      const Stage& stage = plan.stages.items[s];
      EXPECT_EQ(stage.phase, p);
      ASSERT_TRUE(stage.has_wave);
      EXPECT_EQ(stage.wave, w);
      EXPECT_EQ(stage.begins_phase(), w == 0);
      EXPECT_FALSE(has_had_teks) << "TEKs before stage " << s;
      has_had_teks = stage.has_teks;
    }
    if (plan.phases.items[p].derives_teks && !has_had_teks) {
      ASSERT_LT(s, plan.stages.count);
      EXPECT_FALSE(plan.stages.items[s].has_wave);
      EXPECT_FALSE(plan.stages.items[s].begins_phase());
      has_had_teks = plan.stages.items[s++].has_teks;
    }
    EXPECT_EQ(has_had_teks, plan.phases.items[p].derives_teks) << "phase " << p;
  }
  EXPECT_EQ(s, plan.stages.count);
}

TEST_P(EveryHierarchy, DerivesTeksWithTheLastWaveIfTheRegistersHoldBoth) {
  const Plan plan = EveryHierarchy::plan();
  const Stage& last = plan.stages.items[plan.stages.count - 1];
  EXPECT_EQ(plan.stages.has_last_without_teks, last.has_wave && last.has_teks);
  if (!last.has_teks) return;
  const Stage& wave = plan.stages.items[plan.stages.count - (last.has_wave ? 0 : 2)];
  EXPECT_TRUE(wave.has_wave);
  EXPECT_FALSE(wave.has_teks);
  EXPECT_EQ(wave.phase, last.phase);
  EXPECT_EQ(wave.wave + 1, plan.phases.items[last.phase].waves);
  const std::size_t blocks = blocks_of(plan.layout, plan.phases, plan.full, wave);
  EXPECT_EQ(last.has_wave, blocks + kUsualTeks <= kMostBlocks);
  EXPECT_EQ(blocks_of(plan.layout, plan.phases, plan.full, last),
            kUsualTeks + (last.has_wave ? blocks : 0));
}

// An AMS's key goes out once, and each of its blocks that is not a constant is put together once,
// whatever the order.
TEST_P(EveryHierarchy, PreparesEachBlockOfAStepAndExportsTheStepOnceAfterTheLast) {
  const Plan plan = EveryHierarchy::plan();
  std::map<std::size_t, std::vector<std::size_t>> prepared_in;  // stages, by step of the layout
  std::map<std::size_t, std::vector<std::size_t>> exported_after;
  for (std::size_t s = 0; s < plan.stages.count; ++s) {
    const std::size_t first = plan.phases.items[plan.stages.items[s].phase].first_step;
    Tasks tasks;
    add_tasks_before(plan.layout, plan.phases, plan.stages, s, &tasks);
    add_tasks_after(plan.layout, plan.phases, plan.stages, s, &tasks);
    for (std::size_t t = 0; t < tasks.count; ++t) {
      const Task& task = tasks.items[t];
      EXPECT_EQ(task.stage, s);
      if (task.kind == Task::Kind::kPrepareStep) prepared_in[first + task.step].push_back(s);
      if (task.kind == Task::Kind::kExportStep) exported_after[first + task.step].push_back(s);
    }
  }
  ASSERT_EQ(prepared_in.size(), plan.layout.ams_step_count);
  for (const auto& [step, stages] : prepared_in) {
    const profile::StepLayout& layout = plan.layout.ams_steps[step];
    std::size_t prepared = 0;
    for (std::size_t b = 0; b < layout.block_count; ++b) {
      prepared += is_constant(plan.layout, layout, b) ? 0 : 1;
    }
    EXPECT_EQ(stages.size(), prepared) << "step " << step;
    ASSERT_EQ(exported_after[step].size(), 1) << "step " << step;
    EXPECT_EQ(exported_after[step].front(), stages.back()) << "step " << step;
  }
}

// CMAC_KEYS is keyed with what is derived, but its message is not.
TEST_P(EveryHierarchy, TakesNoBlockForAConstantThatHasAFieldOrASubkey) {
  const Plan plan = EveryHierarchy::plan();
  std::size_t constants = 0;
  for (std::size_t s = 0; s < plan.layout.ams_step_count; ++s) {
    const profile::StepLayout& step = plan.layout.ams_steps[s];
    for (std::size_t b = 0; b < step.block_count; ++b) {
      if (!is_constant(plan.layout, step, b)) continue;
      ++constants;
      EXPECT_EQ(step.blocks[b].field_count, 0) << "step " << s;
      EXPECT_LT(b + 1, step.block_count) << "step " << s << ": its subkey is the AMS's";
    }
  }
  EXPECT_EQ(constants, GetParam().profile == Profile::kLegacy16e ? 0 : 1);
}

// The subkeys that a one-block message takes come from the stage before it.
TEST_P(EveryHierarchy, WritesTheSubkeysOfAPhaseAfterItsFirstStage) {
  const Plan plan = EveryHierarchy::plan();
  for (std::size_t s = 0; s < plan.stages.count; ++s) {
    Tasks tasks;
    add_tasks_after(plan.layout, plan.phases, plan.stages, s, &tasks);
    bool writes = false;
    for (std::size_t t = 0; t < tasks.count; ++t) {
      writes |= tasks.items[t].kind == Task::Kind::kWriteSubkeys;
    }
    const Stage& stage = plan.stages.items[s];
    EXPECT_EQ(writes, stage.begins_phase() && plan.phases.items[stage.phase].is_cmac) << s;
  }
}

TEST_P(EveryHierarchy, FindsRoomForAScheduleWhereNoOtherIsWritten) {
  const Plan plan = EveryHierarchy::plan();
  const auto expect_room = [&](std::size_t s, std::size_t ahead) {
    ASSERT_GT(s, 0);
    ASSERT_LT(s + ahead, plan.stages.count);
    EXPECT_FALSE(plan.stages.items[s + ahead].begins_phase());
    EXPECT_GT(plan.stages.items[s + ahead].phase, 0) << "the first schedule is still needed";
    EXPECT_GE(blocks_of(plan.layout, plan.phases, plan.full, plan.stages.items[s]), 2);
  };
  for (std::size_t ahead : {std::size_t{0}, std::size_t{1}}) {
    const std::size_t first = first_with_room(plan.stages, ahead);
    const std::size_t last = last_with_room(plan.stages, ahead);
    expect_room(first, ahead);
    expect_room(last, ahead);
    for (std::size_t s = 0; s < plan.stages.count; ++s) {
      EXPECT_FALSE(has_room(plan.stages, s, ahead) && (s < first || s > last)) << "stage " << s;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, EveryHierarchy,
                         testing::Values(Variant{Profile::k16mDraft, false, 1, false},
                                         Variant{Profile::k16mDraft, true, 1, false},
                                         Variant{Profile::k16mPublished, false, 1, false},
                                         Variant{Profile::k16mPublished, false, 1, true},
                                         Variant{Profile::kLegacy16e, false, 1, false}));

}  // namespace
}  // namespace rekey::simd
