// SPDX-License-Identifier: Apache-2.0
//
// All engines derive the same keys as the referee from any batch. A failure prints the batch's
// shape and the seeds to repeat it with (RC_PARAMS="reproduce=...").
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/batch_shape_gen.h"
#include "support/engine_fixture.h"
#include "support/engines.h"
#include "support/owned_result.h"

namespace rekey {
namespace {

class EnginesAgree : public test::EngineTest {
 protected:
  /// Empty when the engine derives what the referee does.
  std::string disagreement(const test::BatchShape& shape, std::uint64_t seed) {
    const auto columns = test::BatchColumns::random(shape, seed);
    CheckedBatch batch;
    if (Status s = check_batch(columns.input(), &batch); !s.ok()) return "refused: " + s.message();
    const test::OwnedResult expected(batch);
    const test::OwnedResult found(batch);
    if (Status s = referee_->derive(batch, expected.result()); !s.ok()) return s.message();
    if (Status s = engine_->derive(batch, found.result()); !s.ok()) return s.message();
    return test::first_difference(batch, expected, found);
  }

 private:
  const std::unique_ptr<Engine> referee_ = make_openssl_engine();
};

TEST_P(EnginesAgree, OnAnyBatch) {
  EXPECT_TRUE(rc::check(GetParam().name + " derives what the referee does",
                        [&](const test::BatchShape& shape, std::uint64_t seed) {
                          const std::string difference = disagreement(shape, seed);
                          if (!difference.empty()) RC_FAIL(difference);
                        }));
}

test::BatchShape shape_of_size(const test::Variant& variant, std::uint32_t count) {
  return {.variant = variant,
          .count = count,
          .sas = test::SaShape::kUnequal,
          .max_sas = 3,
          .bad_percent = 5};
}

TEST_P(EnginesAgree, OnEverySizeAroundLanesAndWarps) {
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t size = 0; size <= 70; ++size) {
      const test::BatchShape shape = shape_of_size(variant, size);
      ASSERT_EQ(disagreement(shape, size), "") << shape;
    }
  }
}

// The variants take turns: how a large batch is cut does not depend on them.
TEST_P(EnginesAgree, OnSizesAroundChunks) {
  const auto variants = test::all_variants();
  std::size_t turn = 0;
  for (std::uint32_t around : {128U, 256U, 512U, 1024U, 2048U}) {
    for (std::uint32_t size = around - 1; size <= around + 1; ++size) {
      const test::BatchShape shape = shape_of_size(variants[turn++ % variants.size()], size);
      ASSERT_EQ(disagreement(shape, size), "") << shape;
    }
  }
}

TEST_P(EnginesAgree, OnEverySubsetOfTheOutputs) {
  for (const test::Variant& variant : test::all_variants()) {
    for (KeySet outputs : test::output_subsets(variant.profile)) {
      const test::BatchShape shape = {.variant = variant,
                                      .count = 19,
                                      .shared_bsid = true,
                                      .sas = test::SaShape::kUnequal,
                                      .max_sas = 3,
                                      .outputs = outputs,
                                      .bad_percent = 10};
      ASSERT_EQ(disagreement(shape, outputs.bits()), "") << shape;
    }
  }
}

TEST_P(EnginesAgree, OnEveryChoiceOfColumnsOfOne) {
  for (const test::Variant& variant : test::all_variants()) {
    for (unsigned shared = 0; shared < 64; ++shared) {
      const test::BatchShape shape = {.variant = variant,
                                      .count = 18,
                                      .shared_pmk = (shared & 1) != 0,
                                      .shared_msid = (shared & 2) != 0,
                                      .shared_bsid = (shared & 4) != 0,
                                      .shared_nonce = (shared & 8) != 0,
                                      .shared_cmac_key_count = (shared & 16) != 0,
                                      .shared_ak_sn = (shared & 32) != 0};
      ASSERT_EQ(disagreement(shape, shared), "") << shape;
    }
  }
}

TEST_P(EnginesAgree, OnTheMostSasAndCounters) {
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t count : {1U, 5U}) {
      const test::BatchShape shape = {.variant = variant,
                                      .count = count,
                                      .sas = test::SaShape::kUnequal,
                                      .max_sas = kMaxSasPerAms,
                                      .tek_counters = kMaxTekCounters};
      ASSERT_EQ(disagreement(shape, count), "") << shape;
    }
  }
}

/// The referee has nobody above it: it is tested in tests/kernels/openssl and by known answers.
std::vector<test::EngineUnderTest> all_but_the_referee() {
  std::vector<test::EngineUnderTest> engines = test::engines_under_test();
  std::erase_if(engines, [](const auto& engine) { return engine.name == "openssl"; });
  return engines;
}

INSTANTIATE_TEST_SUITE_P(Engines, EnginesAgree, ::testing::ValuesIn(all_but_the_referee()),
                         ::testing::PrintToStringParamName());

// The comparison itself must notice a wrong bit, wherever it is.

TEST(FirstDifference, NamesTheKeyThatDiffers) {
  const auto columns =
      test::BatchColumns::random({.count = 5, .sas = test::SaShape::kUnequal, .max_sas = 3}, 1);
  CheckedBatch batch;
  ASSERT_EQ(check_batch(columns.input(), &batch), Status());
  ASSERT_GT(batch.total_sas(), 2U);
  for (KeyKind kind : kAllKeyKinds) {
    const test::OwnedResult expected(batch);
    EXPECT_EQ(test::first_difference(batch, expected, test::OwnedResult(batch)), "");
    const test::OwnedResult found(batch);
    if (found.column(kind).empty()) continue;
    found.result().column(kind).back() ^= 0x80;
    EXPECT_EQ(test::first_difference(batch, expected, found).find(to_string(kind)), 0U);
  }
}

}  // namespace
}  // namespace rekey
