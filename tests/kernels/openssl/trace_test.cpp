// SPDX-License-Identifier: Apache-2.0
//
// The derivation step by step, against section 3 of the key-derivation specification.
#include "rekey/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/hex.h"
#include "support/owned_result.h"

namespace rekey {
namespace {

using ::testing::ElementsAre;

/// Steps as the specification writes them: NAME = Function(KEY [Kin], astring, bits) = result.
std::vector<std::string> written(const std::vector<TraceStep>& steps) {
  std::vector<std::string> lines;
  for (const TraceStep& step : steps) {
    lines.push_back(step.result_name + " = " + step.function + "(" + step.key_name + " [" +
                    test::to_hex(step.kin.octets()) + "], " + test::to_hex(step.message.octets()) +
                    ", " + std::to_string(step.bits) + ") = " + test::to_hex(step.result.octets()));
  }
  return lines;
}

/// The AMS of section 3.
test::BatchColumns ams(Profile profile, ProfileOptions options = {}) {
  test::BatchColumns columns;
  columns.variant = {profile, options};
  columns.count = 1;
  columns.pmk = test::from_hex("EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94");
  columns.msid = test::from_hex("001B11C9D50C");
  columns.bsid = test::from_hex("000000000005");
  columns.cmac_key_count = test::from_hex("0001");
  columns.ak_sn = test::from_hex("01");
  if (profile == Profile::k16mDraft) columns.nonce = test::from_hex("0102030405060708");
  if (profile == Profile::k16mPublished && !options.msid_privacy_off) {
    columns.nonce = test::from_hex("1112131415161718");
  }
  if (profile != Profile::kLegacy16e) {
    columns.saids = test::from_hex(options.said_octets == 2 ? "0001" : "01");
  }
  return columns;
}

std::vector<TraceStep> trace(const test::BatchColumns& columns, std::size_t item = 0) {
  CheckedBatch batch;
  EXPECT_EQ(check_batch(columns.input(), &batch), Status());
  std::vector<TraceStep> steps;
  EXPECT_EQ(trace_derivation(batch, item, &steps), Status());
  return steps;
}

TEST(Trace, OfTheDraft) {
  EXPECT_THAT(
      written(trace(ams(Profile::k16mDraft))),
      ElementsAre(
          "MSID* = Dot16KDF(MSID | 10 zero octets [001b11c9d50c00000000000000000000], "
          "0000000000050102030405060708, 48) = 58804f4a1c8d",
          "AK = Dot16KDF(PMK [f6f4b35fbddb2f232b771d2f71fdda94], "
          "58804f4a1c8d0000000000050001414b, 160) = a2a9c01df3ee9ab07173a8656ca09ef193a9cbbe",
          "AKID = Dot16KDF(AK [f3ee9ab07173a8656ca09ef193a9cbbe], "
          "0158804f4a1c8d000000000005414b, 64) = ed449b1ade087b5e",
          "CMAC_KEY_U | CMAC_KEY_D = Dot16KDF(AK [f3ee9ab07173a8656ca09ef193a9cbbe], "
          "434d41435f4b455953, 256) = "
          "4ba9577bbf5a25b7adff87ded88a62a39c46a886047e5a2ce4949331b928543f",
          "TEK(SAID=1, COUNTER_TEK=0) = Dot16KDF(AK [f3ee9ab07173a8656ca09ef193a9cbbe], "
          "01000054454b, 128) = 4d341c1ba592a00c27eaebd11c680324",
          "TEK(SAID=1, COUNTER_TEK=1) = Dot16KDF(AK [f3ee9ab07173a8656ca09ef193a9cbbe], "
          "01000154454b, 128) = 22a4cee0606938a2fc5cc98d36fa095f"));
}

TEST(Trace, OfTheDraftWithTheNonceFirst) {
  EXPECT_EQ(written(trace(ams(Profile::k16mDraft, {.nonce_first = true})))[0],
            "MSID* = Dot16KDF(MSID | 10 zero octets [001b11c9d50c00000000000000000000], "
            "0102030405060708000000000005, 48) = 7b1b7c31fc47");
}

TEST(Trace, OfTheDraftWithSaidsOfTwoOctets) {
  test::BatchColumns columns = ams(Profile::k16mDraft, {.said_octets = 2});
  columns.sa_counts = {2};
  columns.saids = test::from_hex("0001 0203");
  const auto lines = written(trace(columns));
  ASSERT_EQ(lines.size(), 8U);
  EXPECT_EQ(lines[4],
            "TEK(SAID=1, COUNTER_TEK=0) = Dot16KDF(AK [f3ee9ab07173a8656ca09ef193a9cbbe], "
            "0001000054454b, 128) = b8b58a76886d4e3ad45a77245d8bff6c");
  EXPECT_EQ(lines[5],
            "TEK(SAID=1, COUNTER_TEK=1) = Dot16KDF(AK [f3ee9ab07173a8656ca09ef193a9cbbe], "
            "0001000154454b, 128) = 50193e592aac9af8dae96af182d58c4d");
  EXPECT_THAT(lines[6], ::testing::StartsWith("TEK(SAID=515, COUNTER_TEK=0) = "));
  EXPECT_THAT(lines[7], ::testing::HasSubstr(" 0203000154454b, 128)"));
}

TEST(Trace, OfThePublishedProfile) {
  EXPECT_THAT(
      written(trace(ams(Profile::k16mPublished))),
      ElementsAre(
          "MSID* = Dot16KDF(MSID | 10 zero octets [001b11c9d50c00000000000000000000], "
          "1112131415161718, 48) = c3aea5982f13",
          "AK = Dot16KDF(PMK [f6f4b35fbddb2f232b771d2f71fdda94], "
          "c3aea5982f13000000000005414b, 160) = 7d9073bb70fa9c48e04510c6f5a33a1aafc2ee3e",
          "AKID = Dot16KDF(AK [70fa9c48e04510c6f5a33a1aafc2ee3e], "
          "01c3aea5982f13000000000005414b, 64) = 4f61ec2e1b708d44",
          "PREKEY = Dot16KDF(AK [70fa9c48e04510c6f5a33a1aafc2ee3e], "
          "0001434d41432d54454b207072656b6579, 160) = 2cd16bd4ce4be07c5a6b75907f630e6cb91d560b",
          "CMAC_KEY_U | CMAC_KEY_D = Dot16KDF(PREKEY [ce4be07c5a6b75907f630e6cb91d560b], "
          "434d41435f4b455953, 256) = "
          "d7bf7d3c5e89cbcee05ef3b3551772d2faef962444675de10144e4f7ee4d2106",
          "TEK(SAID=1, COUNTER_TEK=0) = Dot16KDF(PREKEY [ce4be07c5a6b75907f630e6cb91d560b], "
          "01000054454b, 128) = b43f9098f8febac07c59eed1ca42e38a",
          "TEK(SAID=1, COUNTER_TEK=1) = Dot16KDF(PREKEY [ce4be07c5a6b75907f630e6cb91d560b], "
          "01000154454b, 128) = 94b70830b925e20cc535e4f42d897049"));
}

TEST(Trace, OfThePublishedProfileWithoutMsidPrivacyHasNoMsidStarStep) {
  const auto lines = written(trace(ams(Profile::k16mPublished, {.msid_privacy_off = true})));
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0],
            "AK = Dot16KDF(PMK [f6f4b35fbddb2f232b771d2f71fdda94], "
            "001b11c9d50c000000000005414b, 160) = d7eaa9683c377b76a2385b8454b57ae7c9ad3224");
}

TEST(Trace, OfLegacy) {
  test::BatchColumns columns = ams(Profile::kLegacy16e);
  columns.cmac_key_count = {0, 0};
  columns.ak_sn = {0};
  const std::vector<TraceStep> steps = trace(columns);
  // The specification gives no PREKEY_U and PREKEY_D; the keys they lead to it does.
  ASSERT_EQ(steps.size(), 5U);
  const std::string prekeys_and_kek = test::to_hex(steps[2].result.octets());
  const std::string prekey_u = prekeys_and_kek.substr(0, 32);
  const std::string prekey_d = prekeys_and_kek.substr(32, 32);
  EXPECT_THAT(
      written(steps),
      ElementsAre("AK = Dot16KDF(PMK [f6f4b35fbddb2f232b771d2f71fdda94], "
                  "001b11c9d50c000000000005414b, 160) = "
                  "d7eaa9683c377b76a2385b8454b57ae7c9ad3224",
                  "AKID = Dot16KDF(AK [3c377b76a2385b8454b57ae7c9ad3224], "
                  "00001b11c9d50c000000000005414b, 64) = 3b7e354a44b25806",
                  "PREKEY_U | PREKEY_D | KEK = Dot16KDF(AK [3c377b76a2385b8454b57ae7c9ad3224], "
                  "001b11c9d50c000000000005434d41435f4b4559532b4b454b, 384) = " +
                      prekey_u + prekey_d + "e09389b8f3391dfec8a99af41da147b9",
                  "CMAC_KEY_U = AES-128-ECB(PREKEY_U [" + prekey_u +
                      "], 00000000000000000000000000000000, 128) = "
                      "f6eed12d93c37271bdb384449cb62467",
                  "CMAC_KEY_D = AES-128-ECB(PREKEY_D [" + prekey_d +
                      "], 00000000000000000000000000000000, 128) = "
                      "c0f5e67ca3b7e3c31de4222a25836b2b"));
}

TEST(Trace, PutsTheCountAtTheEndOfTheEcbBlock) {
  test::BatchColumns columns = ams(Profile::kLegacy16e);
  columns.cmac_key_count = {0x12, 0x34};
  EXPECT_EQ(test::to_hex(trace(columns)[3].message.octets()), "00000000000000000000000000001234");
}

// The trace of any item shows the keys that the referee derives for it in a batch.
TEST(Trace, ShowsTheKeysOfItsItem) {
  const auto engine = make_openssl_engine();
  for (const test::Variant& variant : test::all_variants()) {
    const auto columns = test::BatchColumns::random({.variant = variant,
                                                     .count = 5,
                                                     .sas = test::SaShape::kUnequal,
                                                     .max_sas = 3,
                                                     .tek_counters = 3},
                                                    7);
    CheckedBatch batch;
    ASSERT_EQ(check_batch(columns.input(), &batch), Status());
    const test::OwnedResult owned(batch);
    ASSERT_EQ(engine->derive(batch, owned.result()), Status());
    std::size_t tek = 0;
    for (std::size_t item = 0; item < batch.count(); ++item) {
      for (const TraceStep& step : trace(columns, item)) {
        if (step.result_name == "AKID") {
          EXPECT_EQ(test::to_hex(step.result.octets()),
                    test::to_hex(owned.key(KeyKind::kAkid, item)));
        } else if (step.result_name.starts_with("TEK(")) {
          EXPECT_EQ(test::to_hex(step.result.octets()), test::to_hex(owned.tek(tek++)));
        }
      }
    }
    EXPECT_EQ(tek * kTekOctets, owned.column(KeyKind::kTek).size());
  }
}

TEST(Trace, ShowsAllKeysWhateverTheOutputs) {
  test::BatchColumns columns = ams(Profile::k16mPublished);
  columns.outputs = {KeyKind::kMsidStar};
  EXPECT_EQ(trace(columns).size(), 7U);
}

TEST(Trace, AppendsNothingWhenItRefuses) {
  test::BatchColumns columns = ams(Profile::k16mDraft);
  columns.ak_sn = {16};
  CheckedBatch batch;
  ASSERT_EQ(check_batch(columns.input(), &batch), Status());
  std::vector<TraceStep> steps;
  EXPECT_EQ(trace_derivation(batch, 0, &steps),
            Status::invalid_argument("item 0: ak_sn: expected 0 to 15, found 16"));
  EXPECT_EQ(trace_derivation(batch, 1, &steps),
            Status::invalid_argument("item: expected less than 1, found 1"));
  EXPECT_TRUE(steps.empty());
}

}  // namespace
}  // namespace rekey
