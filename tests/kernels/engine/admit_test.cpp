// SPDX-License-Identifier: Apache-2.0
//
// The gate every engine passes before it serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "rekey/engines.h"
#include "support/engine_doubles.h"

namespace rekey {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Flip = test::FlippingEngine::Flip;

Status admit_with(Flip flip) {
  test::FlippingEngine engine(make_openssl_engine(), flip);
  return admit(engine);
}

TEST(Admit, ListsTheFastestKindFirst) {
  const auto engines = make_engines();
  ASSERT_EQ(engines.size(), 3U);
  EXPECT_EQ(engines[0]->name(), "cuda");
  EXPECT_EQ(engines[1]->name(), "simd");
  EXPECT_EQ(engines[2]->name(), "openssl");
}

TEST(Admit, AdmitsTheReferee) {
  const auto engine = make_openssl_engine();
  EXPECT_EQ(admit(*engine), Status());
}

TEST(Admit, RefusesAnEngineThatCannotRun) {
  test::UnavailableEngine engine;
  EXPECT_EQ(admit(engine), Status(Code::kUnavailable, "unavailable: no such device"));
}

TEST(Admit, RefusesAnEngineThatFails) {
  test::FailingEngine engine;
  const Status status = admit(engine);
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(status.message(), "failing: known answer rfc4493/example-1: alone: out of order");
}

TEST(Admit, DoesNotRefuseABitThatNoAnswerHas) {
  // Without this the tests below could pass because the double is refused for another reason.
  EXPECT_EQ(admit_with({KeyKind::kAk, 1000}), Status());
  EXPECT_EQ(admit_with({std::nullopt, 1000}), Status());
}

TEST(Admit, RefusesOneWrongBitInAnyKindOfKey) {
  for (KeyKind kind : kAllKeyKinds) {
    const Status status = admit_with({kind, 0});
    EXPECT_EQ(status.code(), Code::kFailedPrecondition) << to_string(kind);
    EXPECT_THAT(status.message(),
                AllOf(StartsWith("flipping: known answer "),
                      HasSubstr("alone: " + std::string(to_string(kind)) + " is wrong")));
  }
}

// Every lane of a vector is looked at: a wrong bit anywhere in a batch of many is found.
TEST(Admit, RefusesOneWrongBitAtAnyPlaceOfABatch) {
  for (std::size_t place = 1; place < 67; ++place) {
    EXPECT_THAT(admit_with({KeyKind::kAkid, place}).message(),
                HasSubstr(" places of 67: akid is wrong (item " + std::to_string(place) + ")"));
    EXPECT_THAT(admit_with({std::nullopt, place}).message(),
                HasSubstr(" places of 67: mac is wrong (item " + std::to_string(place) + ")"));
  }
}

TEST(Admit, RefusesOneWrongBitInACmac) {
  const Status status = admit_with({std::nullopt, 0});
  EXPECT_EQ(status, Status(Code::kFailedPrecondition,
                           "flipping: known answer rfc4493/example-1: alone: mac is wrong (item "
                           "0)"));
}

TEST(Admit, NeverTellsAKey) {
  for (KeyKind kind : kAllKeyKinds) {
    EXPECT_THAT(admit_with({kind, 0}).message(),
                ::testing::Not(::testing::ContainsRegex("[0-9a-fA-F]{8}")));
  }
}

}  // namespace
}  // namespace rekey
