// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/engine_checks.h"

#include <gtest/gtest.h>

#include <memory>

#include "rekey/engines.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

void expect_agreement(Engine& engine, const BatchShape& shape, std::uint64_t seed = 1) {
  EXPECT_EQ(disagreement(engine, shape, seed), "") << shape;
}

}  // namespace

std::string disagreement(Engine& engine, const BatchShape& shape, std::uint64_t seed) {
  return disagreement(engine, BatchColumns::random(shape, seed));
}

std::string disagreement(Engine& engine, const BatchColumns& columns) {
  CheckedBatch batch;
  if (Status s = check_batch(columns.input(), &batch); !s.ok()) return "batch: " + s.message();
  const OwnedResult expected(batch);
  const OwnedResult found(batch);
  const std::unique_ptr<Engine> referee = make_openssl_engine();
  if (Status s = referee->derive(batch, expected.result()); !s.ok()) {
    return "referee: " + s.message();
  }
  if (Status s = engine.derive(batch, found.result()); !s.ok()) return s.message();
  return first_difference(batch, expected, found);
}

void expect_agreement_on_every_variant(Engine& engine) {
  for (const Variant& variant : all_variants()) {
    BatchShape shape;
    shape.variant = variant;
    shape.count = 33;
    shape.sas = SaShape::kUnequal;
    shape.tek_counters = 3;
    shape.bad_percent = 20;
    expect_agreement(engine, shape);
    shape.sas = SaShape::kEqual;
    shape.max_sas = 2;
    expect_agreement(engine, shape);
  }
}

void expect_agreement_on_every_subset_of_outputs(Engine& engine) {
  for (Profile profile : kAllProfiles) {
    for (KeySet outputs : output_subsets(profile)) {
      BatchShape shape;
      shape.variant.profile = profile;
      shape.count = 3;
      shape.outputs = outputs;
      expect_agreement(engine, shape, outputs.bits());
    }
  }
}

void expect_agreement_on_unequal_sas(Engine& engine) {
  BatchShape shape;
  shape.count = 40;
  shape.sas = SaShape::kNone;
  expect_agreement(engine, shape);
  shape.sas = SaShape::kUnequal;
  for (std::uint32_t max_sas : {1, 2, 40}) {
    shape.max_sas = max_sas;
    expect_agreement(engine, shape, max_sas);
  }
  shape.count = 2;
  shape.variant.options.said_octets = 2;
  shape.max_sas = kMaxSasPerAms;
  shape.tek_counters = kMaxTekCounters;
  expect_agreement(engine, shape);
  shape.tek_counters = 1;
  expect_agreement(engine, shape);
}

void expect_agreement_on_equal_sas(Engine& engine) {
  BatchShape shape;
  shape.sas = SaShape::kEqual;
  for (std::uint32_t count : {1, 2, 20}) {
    for (std::uint32_t sas : {1, 3}) {
      for (std::uint32_t counters : {1, 2, 3}) {
        shape.count = count;
        shape.max_sas = sas;
        shape.tek_counters = counters;
        shape.variant.options.said_octets = counters == 3 ? 2 : 1;
        expect_agreement(engine, shape, sas);
      }
    }
  }
  shape.outputs = {KeyKind::kTek};
  expect_agreement(engine, shape);
  shape.outputs = {};
  shape.count = 2;
  shape.max_sas = kMaxSasPerAms;
  shape.tek_counters = kMaxTekCounters;
  expect_agreement(engine, shape);
}

void expect_agreement_on_columns_of_one(Engine& engine) {
  for (Profile profile : kAllProfiles) {
    for (unsigned column = 0; column <= 6; ++column) {
      const bool all = column == 6;
      BatchShape shape;
      shape.variant.profile = profile;
      shape.count = 5;
      shape.shared_pmk = all || column == 0;
      shape.shared_msid = all || column == 1;
      shape.shared_bsid = all || column == 2;
      shape.shared_nonce = all || column == 3;
      shape.shared_cmac_key_count = all || column == 4;
      shape.shared_ak_sn = all || column == 5;
      expect_agreement(engine, shape, column);
    }
  }
}

void expect_agreement_on_sizes(Engine& engine, std::initializer_list<std::uint32_t> sizes) {
  for (std::uint32_t size : sizes) {
    BatchShape shape;
    shape.count = size;
    shape.sas = SaShape::kUnequal;
    shape.max_sas = 3;
    expect_agreement(engine, shape, size);
  }
}

}  // namespace rekey::test
