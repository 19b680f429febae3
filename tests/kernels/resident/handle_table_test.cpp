// SPDX-License-Identifier: Apache-2.0
#include "resident/handle_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace rekey {
namespace {

TEST(HandleTable, GivesEverySlotOnce) {
  HandleTable table(5, 0);
  std::set<std::uint32_t> slots;
  while (table.free() > 0) slots.insert(table.take(1).slot);
  EXPECT_THAT(slots, ::testing::ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(table.taken(), 5U);
}

TEST(HandleTable, KeepsARetiredSlotUntilItIsReleased) {
  HandleTable table(1, 0);
  const ContextHandle handle = table.take(2);
  EXPECT_TRUE(table.names_somebody(handle));
  EXPECT_TRUE(table.retire(handle));
  EXPECT_FALSE(table.names_somebody(handle));
  EXPECT_FALSE(table.retire(handle)) << "a second time";
  EXPECT_EQ(table.free(), 0U);
  EXPECT_EQ(table.taken(), 0U);
  EXPECT_THAT(table.retired(), ::testing::ElementsAre(handle.slot));
  table.release_retired();
  EXPECT_EQ(table.free(), 1U);
  EXPECT_THAT(table.retired(), ::testing::IsEmpty());
}

TEST(HandleTable, NeverGivesAHandleTwice) {
  HandleTable table(1, 0);
  std::set<std::uint64_t> serials;
  for (int i = 0; i < 1000; ++i) {
    const ContextHandle handle = table.take(0);
    EXPECT_TRUE(serials.insert(handle.serial).second);
    ASSERT_TRUE(table.retire(handle));
    table.release_retired();
  }
}

TEST(HandleTable, SkipsTheSerialOfNobody) {
  HandleTable table(2, UINT64_MAX - 1);
  EXPECT_EQ(table.take(0).serial, UINT64_MAX);
  EXPECT_EQ(table.take(0).serial, 1U);
}

TEST(HandleTable, KnowsOnlyHandlesThatAreRightInEveryField) {
  HandleTable table(3, 77);
  const ContextHandle handle = table.take(4);
  EXPECT_FALSE(table.names_somebody({}));
  EXPECT_FALSE(table.names_somebody({0, handle.slot, handle.sa_count}));
  EXPECT_FALSE(table.names_somebody({handle.serial + 1, handle.slot, handle.sa_count}));
  EXPECT_FALSE(table.names_somebody({handle.serial, handle.slot ^ 1, handle.sa_count}));
  EXPECT_FALSE(table.names_somebody({handle.serial, 3, handle.sa_count}));
  EXPECT_FALSE(table.names_somebody({handle.serial, handle.slot, 5}));
  EXPECT_TRUE(table.names_somebody(handle));
}

}  // namespace
}  // namespace rekey
