// SPDX-License-Identifier: Apache-2.0
#include "dispatch/merged_batch.h"

#include <gtest/gtest.h>

#include <memory>

#include "service/support/dispatch_doubles.h"

namespace rekey::dispatch {
namespace {

using test::BatchShape;
using test::TestJob;

/// Jobs of one group that differ in everything else: sizes, shared columns, spread of SAs.
std::vector<std::unique_ptr<TestJob>> unequal_jobs(const test::Variant& variant, KeySet outputs) {
  std::vector<std::unique_ptr<TestJob>> jobs;
  for (std::uint32_t i = 0; i < 8; ++i) {
    BatchShape shape;
    shape.variant = variant;
    shape.count = i % 3 == 0 ? 1 : 5 * i;
    shape.shared_pmk = i % 2 == 0;
    shape.shared_msid = i % 4 == 1;
    shape.shared_bsid = i % 2 == 1;
    shape.shared_nonce = i % 3 == 1;
    shape.shared_cmac_key_count = i % 3 == 2;
    shape.shared_ak_sn = i % 5 == 1;
    shape.sas = static_cast<test::SaShape>(i % 3);
    shape.outputs = outputs;
    shape.bad_percent = i == 4 ? 50 : 0;
    jobs.push_back(std::make_unique<TestJob>(shape, i));
  }
  return jobs;
}

void expect_each_gets_its_own(const std::vector<std::unique_ptr<TestJob>>& jobs) {
  std::vector<Part> parts;
  std::size_t items = 0;
  for (const auto& job : jobs) {
    parts.push_back({job->batch(), job->begin_results()});
    items += job->batch().count();
  }
  MergedBatch merged;
  ASSERT_EQ(merged.load(parts), Status());
  EXPECT_EQ(merged.batch().count(), items);
  ASSERT_EQ(make_openssl_engine()->derive(merged.batch(), merged.result()), Status());
  merged.split(parts);
  for (const auto& job : jobs) EXPECT_EQ(job->difference(), "");
}

TEST(MergedBatch, EachJobGetsItsOwnKeysInEveryVariant) {
  for (const test::Variant& variant : test::all_variants()) {
    expect_each_gets_its_own(unequal_jobs(variant, {}));
  }
}

TEST(MergedBatch, WorksForEverySingleOutput) {
  for (KeyKind kind : kAllKeyKinds) {
    if (kind == KeyKind::kKek) continue;
    expect_each_gets_its_own(unequal_jobs({}, {kind}));
  }
  expect_each_gets_its_own(unequal_jobs({Profile::kLegacy16e, {}}, {KeyKind::kKek}));
}

}  // namespace
}  // namespace rekey::dispatch
