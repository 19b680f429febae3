// SPDX-License-Identifier: Apache-2.0
#include "rekey/known_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "rekey/engines.h"
#include "support/engine_doubles.h"
#include "support/engine_fixture.h"
#include "support/engines.h"
#include "support/hex.h"
#include "support/owned_result.h"

namespace rekey {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(KnownAnswers, AreAllThereInAFixedOrder) {
  const auto engine = make_openssl_engine();
  std::vector<std::pair<std::string, std::string>> names;
  for (const KnownAnswerResult& result : run_known_answers(*engine)) {
    names.emplace_back(result.name, result.origin);
  }
  EXPECT_THAT(
      names,
      ElementsAre(Pair("rfc4493/example-1", "published"), Pair("rfc4493/example-2", "published"),
                  Pair("rfc4493/example-3", "published"), Pair("rfc4493/example-4", "published"),
                  Pair("legacy-16e/1", "published"), Pair("legacy-16e/2", "published"),
                  Pair("16m-draft/1", "our reading"), Pair("16m-draft/nonce-bsid", "our reading"),
                  Pair("16m-draft/said-octets-2", "our reading"),
                  Pair("16m-published/1", "our reading")));
}

TEST(KnownAnswers, AreAllReportedWhenOneIsWrong) {
  test::FlippingEngine engine(make_openssl_engine(), {KeyKind::kKek, 0});
  std::vector<std::string> wrong;
  for (const KnownAnswerResult& result : run_known_answers(engine)) {
    if (result.status.ok()) continue;
    wrong.push_back(result.name);
    EXPECT_EQ(result.status, Status(Code::kFailedPrecondition, "alone: kek is wrong (item 0)"));
  }
  EXPECT_THAT(wrong, ElementsAre("legacy-16e/2"));
}

TEST(KnownAnswers, OfTwoEnginesAreRightWhenBothAre) {
  for (bool first_is_wrong : {false, true}) {
    const auto right = make_openssl_engine();
    test::FlippingEngine wrong(make_openssl_engine(), {KeyKind::kKek, 0});
    const auto results =
        first_is_wrong ? run_known_answers(wrong, *right) : run_known_answers(*right, wrong);
    EXPECT_EQ(results.size(), 10U);
    for (const KnownAnswerResult& result : results) {
      EXPECT_EQ(result.status.ok(), result.name != "legacy-16e/2") << result.name;
    }
    for (const KnownAnswerResult& result : run_known_answers(*right, *right)) {
      EXPECT_EQ(result.status, Status()) << result.name;
    }
  }
}

TEST(KnownAnswers, OfAnEngineThatIsUnavailableSayWhy) {
  test::UnavailableEngine engine;
  for (const KnownAnswerResult& result : run_known_answers(engine)) {
    EXPECT_EQ(result.status, Status(Code::kUnavailable, "alone: unavailable: no such device"));
  }
}

class KnownAnswersOnEngine : public test::EngineTest {};

TEST_P(KnownAnswersOnEngine, AreReproduced) {
  const auto results = run_known_answers(*engine_);
  ASSERT_EQ(results.size(), 10U);
  for (const KnownAnswerResult& result : results) {
    EXPECT_TRUE(result.status.ok()) << result.name << ": " << result.status.message();
  }
  EXPECT_EQ(admit(*engine_), Status());
}

// With msid_privacy_off, AK and AKID of 16m-published have the formulas of legacy-16e, and with
// them its published answer (specification, section 3, legacy-16e 2). The other keys of that option
// have no published counterpart.
TEST_P(KnownAnswersOnEngine, OfLegacyServeThePublishedProfileWithoutMsidPrivacy) {
  const auto pmk = test::from_hex("EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94");
  const auto msid = test::from_hex("001B11C9D50C");
  const auto bsid = test::from_hex("000000000005");
  const auto count = test::from_hex("0000");
  const auto ak_sn = test::from_hex("00");
  BatchInput input;
  input.profile = Profile::k16mPublished;
  input.options.msid_privacy_off = true;
  input.count = 1;
  input.pmk = pmk;
  input.msid = msid;
  input.bsid = bsid;
  input.cmac_key_count = count;
  input.ak_sn = ak_sn;
  input.outputs = {KeyKind::kMsidStar, KeyKind::kAk, KeyKind::kAkid};
  CheckedBatch batch;
  ASSERT_EQ(check_batch(input, &batch), Status());
  const test::OwnedResult owned(batch);
  ASSERT_EQ(engine_->derive(batch, owned.result()), Status());
  EXPECT_EQ(test::to_hex(owned.column(KeyKind::kMsidStar)), "001b11c9d50c");
  EXPECT_EQ(test::to_hex(owned.column(KeyKind::kAk)), "d7eaa9683c377b76a2385b8454b57ae7c9ad3224");
  EXPECT_EQ(test::to_hex(owned.column(KeyKind::kAkid)), "3b7e354a44b25806");
}

INSTANTIATE_TEST_SUITE_P(Engines, KnownAnswersOnEngine,
                         ::testing::ValuesIn(test::engines_under_test()),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace rekey
