// SPDX-License-Identifier: Apache-2.0
#include "config/share_text.h"

#include <gtest/gtest.h>

namespace rekey::config {
namespace {

using scheduler::Share;

scheduler::Shares shares_of(const std::vector<std::string>& texts) {
  scheduler::Shares shares;
  const Status status = parse_shares(texts, &shares);
  EXPECT_EQ(status.message(), "");
  return shares;
}

std::string error_of(const std::string& text) {
  scheduler::Shares shares{.each = {.weight = 77}};
  const Status status = parse_shares({"good:weight=2", text}, &shares);
  EXPECT_EQ(shares.each.weight, 77U) << "unchanged";
  return status.message();
}

TEST(ShareText, NamesWhoMayHaveWhat) {
  const scheduler::Shares shares =
      shares_of({"gateway-1.example:weight=4", "*:rate=1000", "a, b=c;:burst=9,weight=3,rate=5"});
  EXPECT_EQ(shares.of("gateway-1.example"), (Share{.weight = 4}));
  EXPECT_EQ(shares.of("a, b=c;"), (Share{.weight = 3, .items_per_s = 5, .burst_items = 9}));
  EXPECT_EQ(shares.of("stranger"),
            (Share{.weight = 1, .items_per_s = 1'000, .burst_items = 1'000}));
}

TEST(ShareText, ANameMayBeAnAddress) {
  const scheduler::Shares shares = shares_of({"fd00::1:weight=2", "10.0.0.1:weight=3"});
  EXPECT_EQ(shares.of("fd00::1").weight, 2U);
  EXPECT_EQ(shares.of("10.0.0.1").weight, 3U);
}

TEST(ShareText, IsShownAsItWasTaken) {
  for (const std::vector<std::string>& texts : std::vector<std::vector<std::string>>{
           {}, {"*:weight=2", "::1:weight=1000"}, {"a:weight=1,rate=1000000000000,burst=1"}}) {
    EXPECT_EQ(show_shares(shares_of(texts)), texts);
  }
}

TEST(ShareText, ErrorsSayWhatWasExpectedAndFound) {
  EXPECT_EQ(error_of("gateway"),
            "expected a caller's name, a colon and its share (gateway:weight=4,rate=200000), "
            "found 'gateway'");
  EXPECT_EQ(error_of(":weight=1").substr(0, 24), "expected a caller's name");
  EXPECT_EQ(error_of("a:"), "expected weight, rate or burst, found ''");
  EXPECT_EQ(error_of("a:wait=3"), "expected weight, rate or burst, found 'wait'");
  EXPECT_EQ(error_of("a:weight=3,"), "expected weight, rate or burst, found ''");
  for (const char* entry : {"weight", "weight=", "weight=0", "weight=1001", "weight=-1",
                            "weight=3x", "weight=99999999999999999999"}) {
    EXPECT_EQ(error_of("a:" + std::string(entry)),
              "expected weight= and a number from 1 to 1000, found '" + std::string(entry) + "'");
  }
  EXPECT_EQ(error_of("a:rate=0"),
            "expected rate= and a number from 1 to 1000000000000, found 'rate=0'");
  EXPECT_EQ(error_of("a:weight=1,weight=2"), "expected weight once, found 'weight=2'");
  EXPECT_EQ(error_of("a:burst=5"), "expected rate beside burst, found 'a:burst=5'");
  EXPECT_EQ(error_of("good:weight=3"), "expected each caller once, found 'good'");
}

TEST(ShareText, EveryCallerThatIsNotNamedIsNamedOnce) {
  scheduler::Shares shares;
  EXPECT_EQ(parse_shares({"*:weight=2", "*:weight=2"}, &shares).message(),
            "expected each caller once, found '*'");
}

}  // namespace
}  // namespace rekey::config
