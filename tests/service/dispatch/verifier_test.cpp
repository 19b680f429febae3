// SPDX-License-Identifier: Apache-2.0
#include "dispatch/verifier.h"

#include <gtest/gtest.h>

#include "service/support/dispatch_doubles.h"
#include "service/support/engine_double.h"

namespace rekey::dispatch {
namespace {

using test::BatchColumns;
using test::BatchShape;
using test::EngineDouble;
using test::FixedRandom;
using test::OwnedResult;

/// A batch with its right keys.
struct Derived {
  BatchColumns columns;
  CheckedBatch batch;
  std::unique_ptr<OwnedResult> keys;
  std::unique_ptr<Engine> referee = make_openssl_engine();

  Derived(const BatchShape& shape, std::uint64_t seed)
      : columns(BatchColumns::random(shape, seed)) {
    EXPECT_EQ(check_batch(columns.input(), &batch), Status());
    keys = std::make_unique<OwnedResult>(batch);
    EXPECT_EQ(referee->derive(batch, keys->result()), Status());
  }

  Verdict verdict(const Sample& sample) { return verify(batch, keys->result(), sample, *referee); }
};

BatchShape shape_of(const test::Variant& variant, std::uint32_t count) {
  BatchShape shape;
  shape.variant = variant;
  shape.count = count;
  shape.sas = test::SaShape::kUnequal;
  shape.tek_counters = 3;
  shape.bad_percent = 20;
  if (variant.profile == Profile::kLegacy16e) shape.tek_counters = 0;
  return shape;
}

TEST(Verifier, RightKeysAreRightInEveryVariantAndSample) {
  for (const test::Variant& variant : test::all_variants()) {
    Derived derived(shape_of(variant, 50), 3);
    EXPECT_EQ(derived.verdict({}), Verdict::kRight);
    EXPECT_EQ(derived.verdict({1, 0}), Verdict::kRight);
    for (std::uint32_t phase = 0; phase < 7; ++phase) {
      EXPECT_EQ(derived.verdict({7, phase}), Verdict::kRight);
    }
  }
}

TEST(Verifier, AllNoticesAFlippedBitAnywhere) {
  for (const test::Variant& variant : test::all_variants()) {
    Derived derived(shape_of(variant, 9), 4);
    for (KeyKind kind : kAllKeyKinds) {
      const Octets column = derived.keys->result().column(kind);
      for (std::size_t i = 0; i < column.size(); i += 5) {
        column[i] ^= 0x10;
        EXPECT_EQ(derived.verdict({1, 0}), Verdict::kWrong) << to_string(kind) << " octet " << i;
        column[i] ^= 0x10;
      }
    }
    EXPECT_EQ(derived.verdict({1, 0}), Verdict::kRight);
  }
}

TEST(Verifier, ASampleNoticesExactlyItsOwnItems) {
  BatchShape shape = shape_of({}, 30);
  Derived derived(shape, 5);
  const Octets ak = derived.keys->result().ak;
  for (std::size_t item = 0; item < 30; ++item) {
    ak[item * kAkOctets] ^= 1;
    for (std::uint32_t phase = 0; phase < 8; ++phase) {
      EXPECT_EQ(derived.verdict({8, phase}), item % 8 == phase ? Verdict::kWrong : Verdict::kRight);
    }
    ak[item * kAkOctets] ^= 1;
  }
}

TEST(Verifier, ASampleNoticesAWrongTekOfAnAmsWithUnequalNeighbours) {
  Derived derived(shape_of({}, 30), 6);
  std::size_t first_sa = 0;
  for (std::size_t item = 0; item < 30; ++item) {
    const std::size_t sas = derived.batch.sa_count(item);
    if (sas > 0) {
      std::uint8_t& last = derived.keys->result().teks[(first_sa + sas) * 3 * kTekOctets - 1];
      last ^= 1;
      const auto phase = static_cast<std::uint32_t>(item % 8);
      EXPECT_EQ(derived.verdict({8, phase}), Verdict::kWrong) << "item " << item;
      EXPECT_EQ(derived.verdict({8, (phase + 1) % 8}), Verdict::kRight) << "item " << item;
      last ^= 1;
    }
    first_sa += sas;
  }
}

TEST(Verifier, ASampleBeyondTheBatchIsEmpty) {
  Derived derived(shape_of({}, 3), 7);
  derived.keys->result().ak[0] ^= 1;
  EXPECT_EQ(derived.verdict({1024, 3}), Verdict::kRight);
  EXPECT_EQ(derived.verdict({1024, 0}), Verdict::kWrong);
}

TEST(Verifier, WithoutTheRefereeNothingIsKnown) {
  Derived derived(shape_of({}, 3), 8);
  EngineDouble broken("openssl");
  broken.then = test::fail;
  EXPECT_EQ(verify(derived.batch, derived.keys->result(), {1, 0}, broken), Verdict::kUnable);
  EXPECT_EQ(verify(derived.batch, derived.keys->result(), {2, 0}, broken), Verdict::kUnable);
}

TEST(Sample, IsDrawnAsAsked) {
  FixedRandom random(77);
  EXPECT_EQ(Sample::draw(Verify::kOff, random).stride, 0U);
  EXPECT_EQ(Sample::draw(Verify::kAll, random).stride, 1U);
  EXPECT_EQ(Sample::draw(Verify::kSampled, random).stride, 1024U);
  EXPECT_EQ(Sample::draw(Verify::kSampled, random).phase, 77U);
}

TEST(Sample, CoversOnlyWhatIsReDerivedWhole) {
  EXPECT_FALSE((Sample{}.covers(0, 1)));
  EXPECT_TRUE((Sample{1, 0}.covers(5, 100)));
  EXPECT_TRUE((Sample{1024, 3}.covers(3, 1)));
  EXPECT_TRUE((Sample{1024, 3}.covers(1027, 1)));
  EXPECT_FALSE((Sample{1024, 3}.covers(4, 1)));
  EXPECT_FALSE((Sample{1024, 3}.covers(3, 2)));
}

TEST(Sample, CountsWhatItCovers) {
  for (const Sample sample : {Sample{}, Sample{1, 0}, Sample{8, 0}, Sample{8, 3}, Sample{8, 7}}) {
    for (std::uint32_t items = 0; items < 40; ++items) {
      std::uint32_t covered = 0;
      for (std::uint32_t item = 0; item < items; ++item) covered += sample.covers(item, 1) ? 1 : 0;
      EXPECT_EQ(sample.count(items), covered) << sample.stride << ' ' << sample.phase;
    }
  }
}

TEST(SystemRandom, StaysBelowItsLimitAndMoves) {
  SystemRandom random;
  bool seen[8] = {};
  for (int i = 0; i < 1000; ++i) seen[random.below(8)] = true;
  for (bool number : seen) EXPECT_TRUE(number);
  EXPECT_EQ(random.below(1), 0U);
}

}  // namespace
}  // namespace rekey::dispatch
