// SPDX-License-Identifier: Apache-2.0
//
// The device code on the host, as an engine.
#include <gtest/gtest.h>

#include "kernels/cuda/engine_checks.h"
#include "rekey/engines.h"
#include "support/cuda_host_engine.h"

namespace rekey::test {
namespace {

TEST(CudaHostEngine, ReproducesTheKnownAnswers) {
  const auto engine = make_cuda_host_engine();
  const Status admitted = admit(*engine);
  EXPECT_TRUE(admitted.ok()) << admitted.message();
}

TEST(CudaHostEngine, AgreesWithTheRefereeOnEveryVariant) {
  expect_agreement_on_every_variant(*make_cuda_host_engine());
}

TEST(CudaHostEngine, AgreesWithTheRefereeOnEverySubsetOfOutputs) {
  expect_agreement_on_every_subset_of_outputs(*make_cuda_host_engine());
}

TEST(CudaHostEngine, AgreesWithTheRefereeOnUnequalSecurityAssociations) {
  expect_agreement_on_unequal_sas(*make_cuda_host_engine());
}

TEST(CudaHostEngine, AgreesWithTheRefereeOnEqualSecurityAssociations) {
  expect_agreement_on_equal_sas(*make_cuda_host_engine());
}

TEST(CudaHostEngine, AgreesWithTheRefereeOnColumnsOfOne) {
  expect_agreement_on_columns_of_one(*make_cuda_host_engine());
}

}  // namespace
}  // namespace rekey::test
