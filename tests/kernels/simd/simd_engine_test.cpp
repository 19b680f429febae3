// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "rekey/engines.h"
#include "rekey/worker_pool.h"
#include "simd/split_batch.h"
#include "simd/target_kernels.h"
#include "support/batch_builder.h"
#include "support/hex.h"
#include "support/owned_result.h"

namespace rekey {
namespace {

using simd::TargetKernels;
using test::BatchColumns;
using test::BatchShape;
using test::OwnedResult;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<const TargetKernels*> kernels_here() {
  std::vector<const TargetKernels*> here;
  for (const TargetKernels& kernels : simd::compiled_kernels()) {
    if (simd::runs_here(kernels)) here.push_back(&kernels);
  }
  return here;
}

TEST(SimdTargets, AreDistinctAndListTheBestFirst) {
  const auto names = simd_targets();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
  const auto here = kernels_here();
  ASSERT_EQ(here.size(), names.size());
  for (std::size_t i = 0; i < here.size(); ++i) {
    EXPECT_EQ(here[i]->name, names[i]);
    if (i > 0) {
      EXPECT_LT(here[i - 1]->id, here[i]->id);
    }
  }
}

TEST(SimdTargets, BestOneIsTheDefault) {
  EXPECT_THAT(make_simd_engine()->description(), StartsWith(std::string(simd_targets().front())));
}

TEST(SimdTargets, UnknownNameMakesAnUnavailableEngine) {
  const auto engine = make_simd_engine("AVX9");
  EXPECT_EQ(engine->name(), "simd");
  EXPECT_THAT(engine->unavailable_reason(),
              AllOf(HasSubstr("target: expected one of"),
                    HasSubstr(std::string(simd_targets().back())), HasSubstr("found AVX9")));
  CheckedBatch empty;
  const Status status = engine->derive(empty, {});
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("found AVX9"));
}

/// Has Highway report nothing but one target, as on another machine.
class OtherMachine {
 public:
  explicit OtherMachine(std::int64_t target) { hwy::SetSupportedTargetsForTest(target); }
  OtherMachine(const OtherMachine&) = delete;
  OtherMachine& operator=(const OtherMachine&) = delete;
  ~OtherMachine() { hwy::SetSupportedTargetsForTest(0); }
};

TEST(SimdTargets, OneThatTheMachineLacksSaysSo) {
  const auto compiled = simd::compiled_kernels();
  ASSERT_GT(compiled.size(), 1U);
  const std::string first(compiled.front().name);
  const std::string last(compiled.back().name);
  const OtherMachine machine(compiled.back().id);
  EXPECT_THAT(simd_targets(), testing::ElementsAre(last));
  EXPECT_THAT(make_simd_engine()->description(), StartsWith(last));
  EXPECT_EQ(make_simd_engine(first)->unavailable_reason(),
            "target: expected one of " + last + ", found " + first + ", which this machine lacks");
}

TEST(SimdTargets, PlainMachineHasNone) {
  const OtherMachine machine(HWY_SCALAR);
  EXPECT_THAT(simd_targets(), testing::IsEmpty());
  EXPECT_THAT(make_simd_engine()->unavailable_reason(),
              StartsWith("this machine has no instruction set of "));
  EXPECT_THAT(make_simd_engine("SSE9")->unavailable_reason(), HasSubstr("expected one of none"));
}

// Highway's emulation in plain C++ is not of constant time.
TEST(SimdTargets, LeaveOutThePlainEmulation) {
  for (const TargetKernels& kernels : simd::compiled_kernels()) {
    EXPECT_NE(kernels.id, HWY_EMU128);
    EXPECT_NE(kernels.id, HWY_SCALAR);
  }
}

BatchShape shape_of(const test::Variant& variant, std::uint32_t count) {
  BatchShape shape;
  shape.variant = variant;
  shape.count = count;
  return shape;
}

class SimdTarget : public testing::TestWithParam<const TargetKernels*> {
 protected:
  [[nodiscard]] static std::unique_ptr<Engine> forced() {
    return make_simd_engine(GetParam()->name);
  }

  static void expect_agreement(const BatchShape& shape, std::uint64_t seed) {
    expect_same_keys(*make_openssl_engine(), *forced(), shape, seed);
  }

  static void expect_same_keys(Engine& reference, Engine& engine, const BatchShape& shape,
                               std::uint64_t seed) {
    const BatchColumns columns = BatchColumns::random(shape, seed);
    CheckedBatch batch;
    ASSERT_EQ(check_batch(columns.input(), &batch), Status()) << shape;
    OwnedResult expected(batch);
    ASSERT_EQ(reference.derive(batch, expected.result()), Status()) << shape;
    OwnedResult found(batch);
    ASSERT_EQ(engine.derive(batch, found.result()), Status()) << shape;
    EXPECT_EQ(first_difference(batch, expected, found), "") << shape;
  }

  /// The same for four callers of one engine at once.
  static void expect_callers_get_the_same_keys(Engine& reference, Engine& engine,
                                               const BatchShape& shape, std::uint64_t seed) {
    const BatchColumns columns = BatchColumns::random(shape, seed);
    CheckedBatch batch;
    ASSERT_EQ(check_batch(columns.input(), &batch), Status());
    OwnedResult expected(batch);
    ASSERT_EQ(reference.derive(batch, expected.result()), Status());
    std::vector<std::string> differences(4, "not run");
    {
      std::vector<std::jthread> callers;
      for (std::string& difference : differences) {
        callers.emplace_back([&] {
          OwnedResult found(batch);
          const Status status = engine.derive(batch, found.result());
          difference = status.ok() ? first_difference(batch, expected, found) : status.message();
        });
      }
    }
    EXPECT_THAT(differences, testing::Each(""));
  }
};

INSTANTIATE_TEST_SUITE_P(Targets, SimdTarget, testing::ValuesIn(kernels_here()),
                         [](const auto& named) { return std::string(named.param->name); });

// The dispatched code itself says what it was compiled for.
TEST_P(SimdTarget, ForcedOneIsWhatRuns) {
  const TargetKernels& kernels = *GetParam();
  const auto engine = forced();
  EXPECT_EQ(engine->unavailable_reason(), "");
  EXPECT_EQ(engine->description(),
            std::string(kernels.name) + ", " + std::to_string(kernels.abreast) + " AMSs abreast");

  const BatchColumns columns = BatchColumns::random({}, 1);
  CheckedBatch batch;
  ASSERT_EQ(check_batch(columns.input(), &batch), Status());
  OwnedResult result(batch);
  EXPECT_EQ(kernels.derive(batch, {.items = batch.count()}, result.result()), kernels.id);

  const std::vector<std::uint8_t> key(kBlockOctets);
  std::vector<std::uint8_t> mac(kBlockOctets);
  EXPECT_EQ(kernels.cmac({.count = 1, .keys = key, .messages = {}}, mac), kernels.id);
}

TEST_P(SimdTarget, PassesItsKnownAnswers) { EXPECT_EQ(admit(*forced()), Status()); }

// A pair of groups is derived at a time, and loads of narrow columns reach beyond a group.
TEST_P(SimdTarget, AgreesWithTheRefereeAtEverySizeAboutItsGroups) {
  const std::uint32_t abreast = GetParam()->abreast;
  std::set<std::uint32_t> sizes = {2};
  for (std::uint32_t groups : {1U, 2U, 3U, 4U, 10U}) {
    for (std::uint32_t about : {-1U, 0U, 1U}) sizes.insert(groups * abreast + about);
  }
  std::uint64_t seed = 0;
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t size : sizes) {
      expect_agreement(shape_of(variant, size), ++seed);
    }
  }
}

// TEKs are derived in one way for one association of two TEKs, in another for equally many of any
// number, and in a third where the AMSs of a group differ.
TEST_P(SimdTarget, AgreesWithTheRefereeOnEqualSecurityAssociations) {
  std::uint64_t seed = 50;
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t sas : {1U, 2U, 3U}) {
      for (std::uint32_t counters : {1U, 2U, 5U}) {
        BatchShape shape = shape_of(variant, 3 * GetParam()->abreast + 1);
        shape.sas = test::SaShape::kEqual;
        shape.max_sas = sas;
        shape.tek_counters = counters;
        expect_agreement(shape, ++seed);
      }
    }
  }
}

// Security associations are spread over lanes without regard to the AMS they belong to.
TEST_P(SimdTarget, AgreesWithTheRefereeOnUnequalSecurityAssociations) {
  const std::uint32_t abreast = GetParam()->abreast;
  std::uint64_t seed = 100;
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t size : {1U, abreast + 1, 4 * abreast + 1}) {
      for (std::uint32_t max_sas : {1U, 2U, 5U}) {
        BatchShape shape = shape_of(variant, size);
        shape.sas = test::SaShape::kUnequal;
        shape.max_sas = max_sas;
        shape.tek_counters = 3;
        shape.bad_percent = 10;
        expect_agreement(shape, ++seed);
      }
    }
  }
  BatchShape none = shape_of({}, 4 * abreast + 1);
  none.sas = test::SaShape::kNone;
  expect_agreement(none, ++seed);
  BatchShape most = shape_of({}, 3);
  most.sas = test::SaShape::kUnequal;
  most.max_sas = kMaxSasPerAms;
  most.tek_counters = kMaxTekCounters;
  expect_agreement(most, ++seed);
}

TEST_P(SimdTarget, AgreesWithTheRefereeForEachOutputAlone) {
  std::uint64_t seed = 200;
  for (const test::Variant& variant : test::all_variants()) {
    for (KeyKind kind : kAllKeyKinds) {
      if (!derived_keys(variant.profile).contains(kind)) continue;
      BatchShape shape = shape_of(variant, GetParam()->abreast + 1);
      shape.outputs = {kind};
      expect_agreement(shape, ++seed);
    }
  }
}

TEST_P(SimdTarget, AgreesWithTheRefereeOnSharedColumns) {
  std::uint64_t seed = 300;
  for (const test::Variant& variant : test::all_variants()) {
    BatchShape shape = shape_of(variant, GetParam()->abreast + 1);
    for (bool BatchShape::*shared :
         {&BatchShape::shared_pmk, &BatchShape::shared_msid, &BatchShape::shared_bsid,
          &BatchShape::shared_nonce, &BatchShape::shared_cmac_key_count,
          &BatchShape::shared_ak_sn}) {
      shape.*shared = true;
      expect_agreement(shape, ++seed);
    }
  }
}

TEST_P(SimdTarget, ComputesCmacsOfEveryLength) {
  std::mt19937_64 random(4493);
  const auto octets = [&](std::size_t size) {
    std::vector<std::uint8_t> drawn(size);
    for (std::uint8_t& octet : drawn) octet = static_cast<std::uint8_t>(random());
    return drawn;
  };
  const std::uint32_t abreast = GetParam()->abreast;
  const auto referee = make_openssl_engine();
  const auto engine = forced();
  for (std::uint32_t count : {1U, abreast - 1, abreast, abreast + 1}) {
    for (std::size_t length = 0; length <= 65; ++length) {
      const auto keys = octets(count * kBlockOctets);
      const auto messages = octets(count * length);
      const CmacBatch batch{count, keys, messages, length};
      std::vector<std::uint8_t> expected(count * kBlockOctets);
      std::vector<std::uint8_t> found(count * kBlockOctets);
      ASSERT_EQ(referee->cmac(batch, expected), Status());
      ASSERT_EQ(engine->cmac(batch, found), Status());
      ASSERT_EQ(test::to_hex(expected), test::to_hex(found)) << count << " x " << length;
    }
  }
}

TEST_P(SimdTarget, ServesSeveralThreadsAtOnce) {
  expect_callers_get_the_same_keys(*make_openssl_engine(), *forced(),
                                   shape_of({}, 16 * GetParam()->abreast + 1), 400);
}

/// The same batches on a pool and on the calling thread alone, on every target.
class SplitSimdTarget : public SimdTarget {
 protected:
  SplitSimdTarget() { EXPECT_EQ(WorkerPool::create(3, &pool_), Status()); }

  void expect_same_as_unsplit(const BatchShape& shape, std::uint64_t seed) {
    expect_same_keys(*forced(), *split(), shape, seed);
  }

  [[nodiscard]] std::unique_ptr<Engine> split() const {
    return make_simd_engine(GetParam()->name, pool_.get());
  }

 private:
  std::unique_ptr<WorkerPool> pool_;
};

INSTANTIATE_TEST_SUITE_P(Targets, SplitSimdTarget, testing::ValuesIn(kernels_here()),
                         [](const auto& named) { return std::string(named.param->name); });

TEST_P(SplitSimdTarget, SaysHowManyThreadsItHas) {
  EXPECT_THAT(split()->description(), testing::EndsWith(" AMSs abreast, 3 threads"));
}

TEST_P(SplitSimdTarget, GivesTheSameKeysAtEverySizeAboutItsThreshold) {
  std::uint64_t seed = 500;
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t size :
         {simd::kMinSplitAms - 1, simd::kMinSplitAms, simd::kMinSplitAms + 1}) {
      expect_same_as_unsplit(shape_of(variant, size), ++seed);
    }
  }
}

TEST_P(SplitSimdTarget, GivesTheSameKeysForRandomShapes) {
  std::mt19937_64 random(600);
  const auto draw = [&](std::uint32_t from, std::uint32_t to) {
    return std::uniform_int_distribution<std::uint32_t>(from, to)(random);
  };
  for (const test::Variant& variant : test::all_variants()) {
    for (int round = 0; round < 2; ++round) {
      BatchShape shape = shape_of(variant, draw(1, 3 * simd::kMinSplitAms));
      shape.sas = test::kAllSaShapes[draw(0, test::kAllSaShapes.size() - 1)];
      shape.max_sas = draw(0, 6);
      shape.tek_counters = draw(0, 3);
      shape.shared_pmk = draw(0, 3) == 0;
      shape.bad_percent = draw(0, 5);
      expect_same_as_unsplit(shape, random());
    }
  }
}

// A few AMSs may be more work than thousands of others.
TEST_P(SplitSimdTarget, GivesTheSameKeysForFewAmssOfManySecurityAssociations) {
  BatchShape shape = shape_of({}, 3 * GetParam()->abreast + 1);
  shape.sas = test::SaShape::kUnequal;
  shape.max_sas = kMaxSasPerAms;
  shape.tek_counters = kMaxTekCounters;
  expect_same_as_unsplit(shape, 700);
}

TEST_P(SplitSimdTarget, ServesSeveralCallersOfOnePool) {
  expect_callers_get_the_same_keys(*forced(), *split(), shape_of({}, simd::kMinSplitAms + 5), 800);
}

}  // namespace
}  // namespace rekey
