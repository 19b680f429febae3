// SPDX-License-Identifier: Apache-2.0
#include "rekey/key_kind.h"

#include <gtest/gtest.h>

#include <array>

#include "rekey/batch.h"

namespace rekey {
namespace {

TEST(KeyKind, NamesReadBack) {
  for (KeyKind kind : kAllKeyKinds) EXPECT_EQ(key_kind_from_string(to_string(kind)), kind);
  EXPECT_EQ(key_kind_from_string("tek"), std::nullopt);
  EXPECT_EQ(key_kind_from_string(""), std::nullopt);
}

// Specification, section 2.
TEST(KeyKind, HasTheWidthTheSpecificationSays) {
  EXPECT_EQ(key_octets(KeyKind::kMsidStar) * 8, 48U);
  EXPECT_EQ(key_octets(KeyKind::kAk) * 8, 160U);
  EXPECT_EQ(key_octets(KeyKind::kAkid) * 8, 64U);
  EXPECT_EQ(key_octets(KeyKind::kCmacKeyU) * 8, 128U);
  EXPECT_EQ(key_octets(KeyKind::kCmacKeyD) * 8, 128U);
  EXPECT_EQ(key_octets(KeyKind::kKek) * 8, 128U);
  EXPECT_EQ(key_octets(KeyKind::kTek) * 8, 128U);
}

TEST(KeySet, HoldsWhatWasInserted) {
  KeySet set = {KeyKind::kAk};
  set.insert(KeyKind::kTek);
  EXPECT_TRUE(set.contains(KeyKind::kAk));
  EXPECT_TRUE(set.contains(KeyKind::kTek));
  EXPECT_FALSE(set.contains(KeyKind::kKek));
  EXPECT_FALSE(set.empty());
  EXPECT_TRUE(KeySet{}.empty());
  EXPECT_EQ(set.without({KeyKind::kAk}), KeySet{KeyKind::kTek});
  EXPECT_TRUE(set.without(set).empty());
}

TEST(BatchResult, ColumnIsWhatSetColumnSet) {
  for (KeyKind kind : kAllKeyKinds) {
    std::array<std::uint8_t, 3> octets{};
    BatchResult result;
    result.set_column(kind, octets);
    for (KeyKind other : kAllKeyKinds) {
      EXPECT_EQ(result.column(other).data(), other == kind ? octets.data() : nullptr);
    }
  }
}

}  // namespace
}  // namespace rekey
