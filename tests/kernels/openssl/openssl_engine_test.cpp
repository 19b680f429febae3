// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/hex.h"
#include "support/owned_result.h"

namespace rekey {
namespace {

CheckedBatch checked(const test::BatchColumns& columns) {
  CheckedBatch batch;
  const Status status = check_batch(columns.input(), &batch);
  EXPECT_TRUE(status.ok()) << status.message();
  return batch;
}

TEST(OpensslEngine, NamesItself) {
  const auto engine = make_openssl_engine();
  EXPECT_EQ(engine->name(), "openssl");
  EXPECT_EQ(engine->unavailable_reason(), "");
  EXPECT_THAT(engine->description(), ::testing::MatchesRegex("OpenSSL 3.* EVP_MAC"));
}

TEST(OpensslEcbEngine, HasTheSameNameAndAnotherDescription) {
  const auto engine = make_openssl_ecb_engine();
  EXPECT_EQ(engine->name(), "openssl");
  EXPECT_EQ(engine->unavailable_reason(), "");
  EXPECT_THAT(engine->description(), ::testing::MatchesRegex("OpenSSL 3.* AES-128-ECB"));
}

// Every subset of the outputs has the octets that the same keys have among all outputs.
TEST(OpensslEngine, DerivesEverySubsetOfTheOutputsAlike) {
  const auto engine = make_openssl_engine();
  for (const test::Variant& variant : test::all_variants()) {
    test::BatchColumns columns = test::BatchColumns::random(
        {.variant = variant, .count = 3, .sas = test::SaShape::kUnequal, .max_sas = 2}, 3);
    const CheckedBatch whole = checked(columns);
    const test::OwnedResult expected(whole);
    ASSERT_EQ(engine->derive(whole, expected.result()), Status());
    for (KeySet outputs : test::output_subsets(variant.profile)) {
      columns.outputs = outputs;
      const CheckedBatch batch = checked(columns);
      const test::OwnedResult found(batch);
      ASSERT_EQ(engine->derive(batch, found.result()), Status());
      for (KeyKind kind : kAllKeyKinds) {
        if (!outputs.contains(kind)) continue;
        EXPECT_EQ(test::to_hex(found.column(kind)), test::to_hex(expected.column(kind)))
            << to_string(variant.profile) << " " << to_string(kind) << " in outputs "
            << int{outputs.bits()};
      }
    }
  }
}

// An item's keys do not depend on where it stands and who stands beside it.
TEST(OpensslEngine, DerivesAnItemAloneAsInABatch) {
  const auto engine = make_openssl_engine();
  for (const test::Variant& variant : test::all_variants()) {
    const auto columns = test::BatchColumns::random({.variant = variant,
                                                     .count = 9,
                                                     .shared_bsid = true,
                                                     .sas = test::SaShape::kUnequal,
                                                     .max_sas = 3,
                                                     .tek_counters = 3},
                                                    11);
    const CheckedBatch batch = checked(columns);
    const test::OwnedResult whole(batch);
    ASSERT_EQ(engine->derive(batch, whole.result()), Status());
    std::size_t first_sa = 0;
    for (std::size_t item = 0; item < batch.count(); ++item) {
      const test::BatchColumns alone = columns.item(item);
      const CheckedBatch one = checked(alone);
      const test::OwnedResult found(one);
      ASSERT_EQ(engine->derive(one, found.result()), Status());
      for (KeyKind kind : kAllKeyKinds) {
        if (kind == KeyKind::kTek || !batch.outputs().contains(kind)) continue;
        EXPECT_EQ(test::to_hex(found.column(kind)), test::to_hex(whole.key(kind, item)));
      }
      for (std::size_t tek = 0; tek < one.total_sas() * 3; ++tek) {
        EXPECT_EQ(test::to_hex(found.tek(tek)), test::to_hex(whole.tek(first_sa * 3 + tek)));
      }
      first_sa += one.total_sas();
    }
  }
}

// OpenSSL set up so that it lacks what the engine needs. Each runs in a process of its own.

TEST(OpensslEngineDeathTest, IsUnavailableWithoutCmac) {
  const auto run = [] {
    // Any provider loaded by hand keeps OpenSSL from loading its default one.
    OSSL_PROVIDER* null_provider = OSSL_PROVIDER_load(nullptr, "null");
    const Status status = admit(*make_openssl_engine());
    std::cerr << status.message() << '\n';
    const bool unloaded = OSSL_PROVIDER_unload(null_provider) == 1;
    std::exit(unloaded && status.code() == Code::kUnavailable ? 0 : 1);
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(0), "OpenSSL: EVP_MAC_fetch\\(CMAC\\): unsupported");
}

TEST(OpensslEcbEngineDeathTest, IsUnavailableWithoutAes) {
  const auto run = [] {
    OSSL_PROVIDER* null_provider = OSSL_PROVIDER_load(nullptr, "null");
    const Status status = admit(*make_openssl_ecb_engine());
    std::cerr << status.message() << '\n';
    const bool unloaded = OSSL_PROVIDER_unload(null_provider) == 1;
    std::exit(unloaded && status.code() == Code::kUnavailable ? 0 : 1);
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(0),
              "OpenSSL: EVP_CIPHER_fetch\\(AES-128-ECB\\): unsupported");
}

TEST(OpensslEngineDeathTest, FailsWithTheReasonAndNoKeys) {
  const auto run = [] {
    const auto engine = make_openssl_engine();
    EVP_set_default_properties(nullptr, "provider=nobody");
    const auto columns = test::BatchColumns::random({.count = 3}, 1);
    const CheckedBatch batch = checked(columns);
    const test::OwnedResult owned(batch);
    const Status status = engine->derive(batch, owned.result());
    std::cerr << status.message() << '\n';
    const auto is_zero = [&](KeyKind kind) {
      return std::ranges::all_of(owned.column(kind), [](auto octet) { return octet == 0; });
    };
    std::exit(status.code() == Code::kInternal && std::ranges::all_of(kAllKeyKinds, is_zero) ? 0
                                                                                             : 1);
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(0), "OpenSSL: EVP_MAC_CTX_set_params: ");
}

}  // namespace
}  // namespace rekey
