// SPDX-License-Identifier: Apache-2.0
//
// A part of a batch is the same AMSs, with the same keys.
#include <gtest/gtest.h>

#include <algorithm>

#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/owned_result.h"

namespace rekey {
namespace {

/// Expects that AMSs of a batch, derived as a part, have the keys they have in the whole.
void expect_same_keys(const CheckedBatch& whole, test::OwnedResult& keys, std::uint32_t first,
                      std::uint32_t items) {
  const CheckedBatch part = whole.part(first, items);
  ASSERT_EQ(part.count(), items);
  EXPECT_TRUE(std::ranges::equal(part.codes(), whole.codes().subspan(first, items)));
  EXPECT_EQ(part.failed(), items - std::ranges::count(part.codes(), Code::kOk));
  EXPECT_EQ(part.total_sas(), whole.sa_count(first, items));
  test::OwnedResult part_keys(part);
  ASSERT_EQ(make_openssl_ecb_engine()->derive(part, part_keys.result()), Status());
  const std::size_t tek_octets = whole.tek_counters().size() * kTekOctets;
  for (const KeyKind kind : kAllKeyKinds) {
    const Octets found = part_keys.result().column(kind);
    if (whole.result_octets(kind) == 0) {
      EXPECT_TRUE(found.empty());
      continue;
    }
    const bool flat = kind == KeyKind::kTek;
    const std::size_t begin =
        flat ? whole.sa_count(0, first) * tek_octets : first * key_octets(kind);
    const std::size_t size =
        flat ? whole.sa_count(first, items) * tek_octets : items * key_octets(kind);
    EXPECT_TRUE(std::ranges::equal(found, keys.result().column(kind).subspan(begin, size)))
        << to_string(kind) << " of " << items << " AMSs from " << first;
  }
}

TEST(BatchPart, HasTheKeysOfTheWholeInEveryVariant) {
  std::uint64_t seed = 0;
  for (const test::Variant& variant : test::all_variants()) {
    for (const test::SaShape sas : test::kAllSaShapes) {
      test::BatchShape shape{.variant = variant, .count = 9, .sas = sas, .bad_percent = 20};
      shape.shared_pmk = seed % 2 == 0;
      shape.shared_bsid = seed % 3 == 0;
      shape.shared_nonce = seed % 5 == 0;
      const test::BatchColumns columns = test::BatchColumns::random(shape, ++seed);
      CheckedBatch whole;
      ASSERT_EQ(check_batch(columns.input(), &whole), Status());
      test::OwnedResult keys(whole);
      ASSERT_EQ(make_openssl_ecb_engine()->derive(whole, keys.result()), Status());
      for (const auto& [first, items] :
           {std::pair{0U, 9U}, {0U, 1U}, {8U, 1U}, {2U, 5U}, {3U, 0U}}) {
        expect_same_keys(whole, keys, first, items);
      }
    }
  }
}

TEST(BatchPart, OfAPartIsAPart) {
  const test::BatchColumns columns =
      test::BatchColumns::random({.count = 20, .sas = test::SaShape::kUnequal}, 1);
  CheckedBatch whole;
  ASSERT_EQ(check_batch(columns.input(), &whole), Status());
  const CheckedBatch inner = whole.part(3, 10).part(2, 5);
  const CheckedBatch direct = whole.part(5, 5);
  EXPECT_TRUE(std::ranges::equal(inner.saids(), direct.saids()));
  EXPECT_EQ(inner.pmk().data, direct.pmk().data);
}

}  // namespace
}  // namespace rekey
