// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/verifier.h"

#include <gtest/gtest.h>

#include "rekeyctl/local_engine.h"
#include "wave/scenario.h"

namespace rekey::ctl {
namespace {

class VerifierTest : public ::testing::TestWithParam<Profile> {
 protected:
  VerifierTest() {
    EXPECT_TRUE(Verifier::make(&verifier).ok());
    wave::WaveGenerator generator(wave::Scenario::kAbsOutage, 1, rules);
    for (int i = 0; i < 10; ++i) chunk.wave.append(generator.next());
    std::unique_ptr<Engine> engine;
    EXPECT_TRUE(choose_engine("openssl", &engine).ok());
    EXPECT_TRUE(derive_keys(*engine, wanted, chunk.wave, &chunk.keys).ok());
    all_keys = chunk.keys.keys(chunk.wave);
  }

  wave::Rules rules{GetParam(), {}};
  Wanted wanted{derived_keys(rules.profile),
                rules.has_teks() ? std::vector<std::uint16_t>{0, 1} : std::vector<std::uint16_t>{}};
  Chunk chunk{rules};
  std::unique_ptr<Verifier> verifier;
  std::uint64_t all_keys = 0;
};

INSTANTIATE_TEST_SUITE_P(Profiles, VerifierTest, ::testing::ValuesIn(kAllProfiles));

// The engine that derived decides which OpenSSL engine verifies.
TEST_P(VerifierTest, CountsRightKeysWhoeverDerivedThem) {
  std::uint64_t expected = 0;
  for (const char* engine : {"cuda", "simd", "openssl", "simd+openssl"}) {
    chunk.engine = engine;
    ASSERT_TRUE(verifier->verify(&chunk).ok());
    expected += all_keys;
    EXPECT_EQ(verifier->verified(), expected) << engine;
    EXPECT_EQ(verifier->mismatches(), 0U) << engine;
    EXPECT_EQ(chunk.keys.failed(), 0U) << engine;
  }
}

TEST_P(VerifierTest, FindsOneWrongBitInAnyKeyAndHoldsTheAmsBack) {
  std::uint64_t found = 0;
  for (const KeyKind kind : kAllKeyKinds) {
    if (!wanted.outputs.contains(kind)) continue;
    Chunk broken{rules};
    broken.engine = found % 2 == 0 ? "openssl" : "simd";
    wave::WaveGenerator generator(wave::Scenario::kAbsOutage, 1, rules);
    for (int i = 0; i < 10; ++i) broken.wave.append(generator.next());
    std::unique_ptr<Engine> engine;
    ASSERT_TRUE(choose_engine("openssl", &engine).ok());
    ASSERT_TRUE(derive_keys(*engine, wanted, broken.wave, &broken.keys).ok());
    broken.keys.column(kind).back() ^= 1;
    ASSERT_TRUE(verifier->verify(&broken).ok());
    EXPECT_EQ(verifier->mismatches(), ++found) << to_string(kind);
    EXPECT_EQ(broken.keys.failed(), 1U);
    EXPECT_EQ(broken.keys.code(9), 13);
    EXPECT_EQ(broken.keys.message(9),
              "verification: " + std::string(to_string(kind)) + " is not what OpenSSL derives");
  }
  EXPECT_GT(found, 0U);
}

TEST_P(VerifierTest, AFailedAmsHasZeroOctetsAlone) {
  chunk.keys.set_failed(3, 3, "refused");
  ASSERT_TRUE(verifier->verify(&chunk).ok());
  EXPECT_GT(verifier->mismatches(), 0U) << "its keys were left behind";
  EXPECT_EQ(chunk.keys.code(3), 13);
}

}  // namespace
}  // namespace rekey::ctl
