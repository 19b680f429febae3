// SPDX-License-Identifier: Apache-2.0
#include "engines/formulas.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engines/ipsec_mb.h"
#include "engines/openssl_ways.h"
#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/owned_result.h"

namespace rekey::bench {
namespace {

using MakeWay = std::unique_ptr<MacWay> (*)();

class Formulas : public testing::TestWithParam<MakeWay> {
 protected:
  void SetUp() override {
    contender_ = make_formulas(GetParam()());
    const Status status = contender_->admit();
    if (status.code() == Code::kUnavailable) GTEST_SKIP() << status.message();
    ASSERT_EQ(status, Status());
  }

  void expect_the_referees_keys(const test::BatchShape& shape, std::uint64_t seed) {
    const auto columns = test::BatchColumns::random(shape, seed);
    CheckedBatch batch;
    ASSERT_EQ(check_batch(columns.input(), &batch), Status());
    test::OwnedResult expected(batch);
    ASSERT_EQ(make_openssl_engine()->derive(batch, expected.result()), Status());
    test::OwnedResult found(batch);
    ASSERT_EQ(contender_->derive(batch, found.result()), Status());
    EXPECT_EQ(first_difference(batch, expected, found), "") << shape;
  }

  std::unique_ptr<Contender> contender_;
};

// More AMSs than any way takes at once, and a rest.
TEST_P(Formulas, GiveTheRefereesKeysForEveryVariant) {
  std::uint64_t seed = 0;
  for (const test::Variant& variant : test::all_variants()) {
    test::BatchShape shape;
    shape.variant = variant;
    shape.count = 300;
    shape.sas = test::SaShape::kUnequal;
    shape.tek_counters = 2;
    expect_the_referees_keys(shape, ++seed);
  }
}

TEST_P(Formulas, GiveTheRefereesKeysInBatchesOfEverySmallSize) {
  for (std::uint32_t count = 1; count <= 20; ++count) {
    for (Profile profile : kAllProfiles) {
      test::BatchShape shape;
      shape.variant = {profile, {}};
      shape.count = count;
      expect_the_referees_keys(shape, count);
    }
  }
}

TEST_P(Formulas, GiveNoKeyThatIsNotAskedFor) {
  for (Profile profile : kAllProfiles) {
    for (KeySet outputs : test::output_subsets(profile)) {
      test::BatchShape shape;
      shape.variant = {profile, {}};
      shape.count = 3;
      shape.shared_pmk = true;
      shape.outputs = outputs;
      expect_the_referees_keys(shape, outputs.bits());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryWay, Formulas,
                         testing::Values(make_openssl_loop, make_openssl_reused, make_openssl_ecb,
                                         make_ipsec_mb_cmac, make_ipsec_mb_cbc),
                         [](const testing::TestParamInfo<MakeWay>& way) {
                           std::string name = way.param()->name();
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace rekey::bench
