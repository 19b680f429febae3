// SPDX-License-Identifier: Apache-2.0
//
// Sets in the host's memory. Those of a device go through the same in tests/kernels/cuda.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rekey/engines.h"
#include "rekey/resident.h"
#include "support/contexts_model.h"
#include "support/engine_doubles.h"
#include "support/owned_result.h"

namespace rekey {
namespace {

using test::BatchColumns;
using test::BatchShape;

const ContextsShape kShape = {.capacity = 8, .most_sas = 3};

std::unique_ptr<ResidentContexts> open(Engine& engine, const ContextsShape& shape = kShape) {
  std::unique_ptr<ResidentContexts> set;
  EXPECT_EQ(engine.open_contexts(shape, &set), Status());
  return set;
}

/// Adds `count` random AMSs of two security associations each.
std::vector<ContextHandle> add(ResidentContexts& set, std::uint32_t count, std::uint64_t seed) {
  BatchShape shape;
  shape.count = count;
  shape.sas = test::SaShape::kEqual;
  shape.max_sas = 2;
  const BatchColumns columns = BatchColumns::random(shape, seed);
  CheckedContexts contexts;
  EXPECT_EQ(check_contexts(set.shape(), test::context_input(columns), &contexts), Status());
  std::vector<ContextHandle> handles(count);
  EXPECT_EQ(set.add(contexts, handles), Status());
  return handles;
}

/// Handover is a request at one base station, and what came of it.
struct Handover {
  explicit Handover(std::vector<ContextHandle> of) : handles(std::move(of)), codes(handles.size()) {
    EXPECT_EQ(check_handover(kShape, {handles, bsid, cmac_key_count, {}, {KeyKind::kAk}}, &checked),
              Status());
    ak.resize(handles.size() * kAkOctets, 0xa5);
    result.ak = ak;
  }
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;

  std::vector<ContextHandle> handles;
  std::vector<std::uint8_t> bsid = std::vector<std::uint8_t>(kBsidOctets, 7);
  std::vector<std::uint8_t> cmac_key_count = std::vector<std::uint8_t>(kCmacKeyCountOctets, 1);
  CheckedHandover checked;
  std::vector<std::uint8_t> ak;
  BatchResult result;
  std::vector<Code> codes;
};

TEST(ResidentContexts, LiveAsTheModelDoesInEveryVariant) {
  const auto engine = make_openssl_ecb_engine();
  std::uint64_t seed = 0;
  for (const test::Variant& variant : test::all_variants()) {
    for (const std::uint32_t most_sas : {0U, 1U, 5U}) {
      const ContextsShape shape = {variant.profile, variant.options, 40, most_sas};
      test::ContextsModel model(*engine, shape, ++seed);
      EXPECT_EQ(model.live(20, 30), "") << to_string(variant.profile) << ", seed " << seed;
    }
  }
}

TEST(ResidentContexts, AreAsManyAsTheShapeSays) {
  const auto engine = make_openssl_ecb_engine();
  const auto set = open(*engine);
  const auto handles = add(*set, 8, 1);
  EXPECT_EQ(set->size(), 8U);
  BatchShape one;
  const BatchColumns columns = BatchColumns::random(one, 2);
  CheckedContexts contexts;
  ASSERT_EQ(check_contexts(kShape, test::context_input(columns), &contexts), Status());
  std::vector<ContextHandle> handle(1, handles[0]);
  EXPECT_EQ(
      set->add(contexts, handle),
      Status(Code::kResourceExhausted, "contexts: expected at most 0 (of 8 in all), found 1"));
  EXPECT_EQ(handle[0], ContextHandle());
  std::vector<Code> codes(1);
  ASSERT_EQ(set->remove({&handles[3], 1}, codes), Status());
  EXPECT_EQ(set->add(contexts, handle), Status());
  EXPECT_EQ(set->size(), 8U);
}

TEST(ResidentContexts, HandlesOfAnotherSetNameNobody) {
  const auto engine = make_openssl_ecb_engine();
  const auto set = open(*engine);
  const auto other = open(*engine);
  add(*set, 8, 1);
  Handover handover(add(*other, 8, 2));
  EXPECT_EQ(set->derive(handover.checked, handover.result, handover.codes), Status());
  EXPECT_THAT(handover.codes, ::testing::Each(Code::kNotFound));
  EXPECT_THAT(handover.ak, ::testing::Each(0));
}

TEST(ResidentContexts, AStaleHandleDoesNotYieldTheKeysOfWhoCameLater) {
  const auto engine = make_openssl_ecb_engine();
  const auto set = open(*engine, {.capacity = 1, .most_sas = 3});
  const auto stale = add(*set, 1, 1);
  std::vector<Code> codes(1);
  ASSERT_EQ(set->remove(stale, codes), Status());
  const auto later = add(*set, 1, 2);
  ASSERT_EQ(later[0].slot, stale[0].slot);
  const std::vector<ContextHandle> handles = {stale[0], later[0]};
  std::vector<std::uint8_t> bsid(kBsidOctets), count(kCmacKeyCountOctets);
  CheckedHandover checked;
  ASSERT_EQ(check_handover(set->shape(), {handles, bsid, count, {}, {KeyKind::kAk}}, &checked),
            Status());
  std::vector<std::uint8_t> ak(2 * kAkOctets, 0xa5);
  BatchResult result;
  result.ak = ak;
  codes.resize(2);
  ASSERT_EQ(set->derive(checked, result, codes), Status());
  EXPECT_THAT(codes, ::testing::ElementsAre(Code::kNotFound, Code::kOk));
  EXPECT_THAT(std::vector(ak.begin(), ak.begin() + kAkOctets), ::testing::Each(0));
}

TEST(ResidentContexts, RefuseWhatWasCheckedForAnotherShapeOrHasTheWrongSize) {
  const auto engine = make_openssl_ecb_engine();
  const auto set = open(*engine);
  const auto other = open(*engine, {.capacity = 9, .most_sas = 3});
  Handover handover(add(*set, 2, 1));
  EXPECT_EQ(other->derive(handover.checked, handover.result, handover.codes).code(),
            Code::kInvalidArgument);
  EXPECT_EQ(set->derive(handover.checked, {}, handover.codes),
            Status::invalid_argument("ak: expected 40 octets, found 0 octets"));
  EXPECT_EQ(set->derive(handover.checked, handover.result, {}),
            Status::invalid_argument("out_codes: expected 2, found 0"));
  EXPECT_EQ(set->remove(handover.handles, {}).code(), Code::kInvalidArgument);
  EXPECT_THAT(handover.ak, ::testing::Each(0xa5)) << "nothing was written";
}

TEST(ResidentContexts, HandOutNothingWhenTheEngineFails) {
  test::FailingEngine engine;
  const auto set = open(engine);
  Handover handover(add(*set, 2, 1));
  EXPECT_EQ(set->derive(handover.checked, handover.result, handover.codes).code(), Code::kInternal);
  EXPECT_THAT(handover.ak, ::testing::Each(0));
}

TEST(ResidentContexts, DeriveNothingForNobody) {
  test::FailingEngine engine;
  const auto set = open(engine);
  const Handover handover({});
  EXPECT_EQ(set->derive(handover.checked, {}, {}), Status());
  EXPECT_EQ(set->remove({}, {}), Status());
}

TEST(ResidentContexts, ComeAndGoWhileOthersAreDerived) {
  const auto engine = make_openssl_ecb_engine();
  const auto set = open(*engine, {.capacity = 64, .most_sas = 2});
  const auto staying = add(*set, 4, 1);
  const auto derive = [&](std::span<const ContextHandle> handles, std::vector<std::uint8_t>* ak,
                          std::vector<Code>* codes) {
    const std::vector<std::uint8_t> bsid(kBsidOctets), count(kCmacKeyCountOctets);
    CheckedHandover checked;
    ASSERT_EQ(check_handover(set->shape(), {handles, bsid, count, {}, {KeyKind::kAk}}, &checked),
              Status());
    ak->assign(handles.size() * kAkOctets, 0xa5);
    codes->assign(handles.size(), Code::kInternal);
    BatchResult result;
    result.ak = *ak;
    ASSERT_EQ(set->derive(checked, result, *codes), Status());
  };
  std::vector<std::uint8_t> expected;
  std::vector<Code> codes;
  derive(staying, &expected, &codes);

  std::atomic<bool> wrong = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        std::vector<std::uint8_t> found;
        std::vector<Code> found_codes;
        derive(staying, &found, &found_codes);
        if (found != expected) wrong = true;
      }
    });
    threads.emplace_back([&, i] {
      for (std::uint64_t round = 0; round < 200; ++round) {
        const auto handles = add(*set, 8, round * 2 + static_cast<std::uint64_t>(i));
        std::vector<Code> removed(handles.size());
        if (!set->remove(handles, removed).ok()) wrong = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(wrong);
  EXPECT_EQ(set->size(), 4U);
}

TEST(MakeResidentContexts, LetsOnlyAnEngineServeThatDerivesTheKnownAnswersThroughThem) {
  const auto good = make_openssl_ecb_engine();
  std::unique_ptr<ResidentContexts> set;
  EXPECT_EQ(make_resident_contexts(*good, kShape, &set), Status());
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->description(), "host memory");
  set.reset();

  test::FlippingEngine wrong(make_openssl_ecb_engine(), {KeyKind::kAk, 3});
  const Status refused = make_resident_contexts(wrong, kShape, &set);
  EXPECT_EQ(refused.code(), Code::kFailedPrecondition);
  EXPECT_THAT(refused.message(),
              ::testing::StartsWith("resident contexts: flipping: known answer "));
  test::UnavailableEngine absent;
  EXPECT_EQ(make_resident_contexts(absent, kShape, &set).code(), Code::kUnavailable);
  EXPECT_EQ(make_resident_contexts(*good, {}, &set).code(), Code::kInvalidArgument);
  EXPECT_EQ(set, nullptr);
}

}  // namespace
}  // namespace rekey
