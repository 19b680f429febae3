// SPDX-License-Identifier: Apache-2.0
#include "engines/openssl_loop.h"

#include <gtest/gtest.h>

#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/owned_result.h"

namespace rekey::bench {
namespace {

TEST(OpensslLoop, DerivesTheRefereesKeys) {
  const auto loop = make_openssl_loop();
  ASSERT_EQ(loop->admit(), Status());
  std::uint64_t seed = 0;
  for (const test::Variant& variant : test::all_variants()) {
    test::BatchShape shape;
    shape.variant = variant;
    shape.count = 20;
    shape.sas = test::SaShape::kUnequal;
    shape.tek_counters = 2;
    const auto columns = test::BatchColumns::random(shape, ++seed);
    CheckedBatch batch;
    ASSERT_EQ(check_batch(columns.input(), &batch), Status());
    test::OwnedResult expected(batch);
    ASSERT_EQ(make_openssl_engine()->derive(batch, expected.result()), Status());
    test::OwnedResult found(batch);
    ASSERT_EQ(loop->derive(batch, found.result()), Status());
    EXPECT_EQ(first_difference(batch, expected, found), "") << shape;
  }
}

}  // namespace
}  // namespace rekey::bench
