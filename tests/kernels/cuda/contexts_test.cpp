// SPDX-License-Identifier: Apache-2.0
//
// AMSs that stay on a device.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/device_fixture.h"
#include "kernels/cuda/engine_checks.h"
#include "rekey/engines.h"
#include "rekey/resident.h"
#include "resident/contexts_engine.h"
#include "support/contexts_model.h"

namespace rekey::test {
namespace {

class CudaContexts : public DeviceTest {};

TEST_F(CudaContexts, ReproduceTheKnownAnswers) {
  std::unique_ptr<ResidentContexts> set;
  const Status status = make_resident_contexts(*engine_, {.capacity = 1}, &set);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(set->description(), engine_->description());
}

TEST_F(CudaContexts, AgreeOnEveryVariant) {
  ContextsEngine engine(*engine_);
  expect_agreement_on_every_variant(engine);
}

TEST_F(CudaContexts, AgreeOnEverySubsetOfOutputs) {
  ContextsEngine engine(*engine_);
  expect_agreement_on_every_subset_of_outputs(engine);
}

TEST_F(CudaContexts, AgreeOnUnequalAndEqualSecurityAssociations) {
  ContextsEngine engine(*engine_);
  expect_agreement_on_unequal_sas(engine);
  expect_agreement_on_equal_sas(engine);
}

TEST_F(CudaContexts, AgreeAroundTheSizesOfWarpAndChunk) {
  constexpr std::uint32_t kChunk = kSmallChunks.chunk_items;
  ContextsEngine engine(*engine_);
  expect_agreement_on_sizes(engine,
                            {1, 31, 32, 33, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk + 1});
}

TEST_F(CudaContexts, LiveAsTheModelDoes) {
  std::uint64_t seed = 0;
  for (const Variant& variant : all_variants()) {
    for (const std::uint32_t most_sas : {0U, 1U, 5U}) {
      const ContextsShape shape = {variant.profile, variant.options, 250, most_sas};
      ContextsModel model(*engine_, shape, ++seed);
      EXPECT_EQ(model.live(2, 220), "") << to_string(variant.profile) << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace rekey::test
