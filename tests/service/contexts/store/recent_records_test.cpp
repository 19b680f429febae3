// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/recent_records.h"

#include <gtest/gtest.h>

#include "service/contexts/store/conformance.h"

namespace rekey::contexts {
namespace {

class RecentRecordsTest : public testing::Test {
 protected:
  /// What is held under a name; empty: nothing, and there is a ticket.
  std::string held(const std::string& name) {
    FoundRecord record;
    return recent_.find(name, &record, &ticket_) ? text(record) : "";
  }
  static FoundRecord found_as(std::uint64_t version, std::string_view value) {
    return {version, secret(value), {}};
  }

  RecentRecords recent_{1'000'000};
  RecentRecords::Ticket ticket_ = 0;
};

TEST_F(RecentRecordsTest, HoldsWhatWasReadAndWhatWasWritten) {
  EXPECT_EQ(held("a"), "");
  EXPECT_EQ(recent_.version_of("a"), std::nullopt);
  recent_.put("a", found_as(7, "read"), ticket_);
  EXPECT_EQ(held("a"), "read");
  EXPECT_EQ(recent_.version_of("a"), 7U);
  const SecretBuffer value = secret("written");
  recent_.changed("a", 8, &value);
  EXPECT_EQ(held("a"), "written");
  EXPECT_EQ(recent_.version_of("a"), 8U);
  recent_.changed("a", 9, nullptr);
  EXPECT_EQ(held("a"), "");
}

TEST_F(RecentRecordsTest, WhatWasReadBeforeAChangeIsNotHeldAfterIt) {
  EXPECT_EQ(held("a"), "");
  const RecentRecords::Ticket before = ticket_;
  const SecretBuffer value = secret("newer");
  recent_.changed("a", 8, &value);
  recent_.put("a", found_as(7, "older"), before);
  EXPECT_EQ(held("a"), "newer");
  recent_.changed("a", 0, nullptr);
  recent_.put("a", found_as(7, "older"), before);
  EXPECT_EQ(held("a"), "") << "it was removed meanwhile";
}

TEST_F(RecentRecordsTest, NothingAndDamagedRecordsAreNotHeld) {
  EXPECT_EQ(held("a"), "");
  recent_.put("a", {}, ticket_);
  EXPECT_EQ(recent_.version_of("a"), std::nullopt);
  recent_.put("a", {5, secret("x"), "damaged"}, ticket_);
  EXPECT_EQ(recent_.version_of("a"), std::nullopt);
}

TEST_F(RecentRecordsTest, IsBounded) {
  const SecretBuffer value = secret(std::string(1'000, 'v'));
  int at_hand = 0;
  for (int i = 0; i < 10'000; ++i) recent_.changed("ams-" + std::to_string(i), 1, &value);
  for (int i = 0; i < 10'000; ++i) at_hand += held("ams-" + std::to_string(i)).empty() ? 0 : 1;
  EXPECT_GT(at_hand, 10);
  EXPECT_LE(at_hand, 1'000);
}

}  // namespace
}  // namespace rekey::contexts
