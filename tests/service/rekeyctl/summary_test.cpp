// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "rekeyctl/grouped.h"

namespace rekey::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Summary example() {
  Summary summary;
  summary.where = "127.0.0.1:7316";
  summary.machine = "a machine";
  summary.totals = {.items = 100'000, .failed = 2, .keys = 1'234'567, .engines = {"simd", "cuda"}};
  summary.seconds = 0.5;
  summary.verification = {1'234'567, 0};
  return summary;
}

TEST(Grouped, PutsACommaBeforeEveryThirdDigit) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

TEST(Summary, TableSaysWhatWasMeasuredWhereAndHow) {
  const std::string table = example().to_table();
  for (const char* row : {"16m-draft (our reading", "100,000", "1,234,567", "cuda, simd",
                          "0.500 s: reading, deriving, verifying, writing", "200,000", "a machine",
                          "mismatches         0"}) {
    EXPECT_THAT(table, HasSubstr(row));
  }
  EXPECT_THAT(table, Not(HasSubstr("passed over")));
}

TEST(Summary, WithoutVerificationClaimsNone) {
  Summary summary = example();
  summary.verification.reset();
  summary.lines_passed_over = 3;
  EXPECT_THAT(summary.to_table(), Not(HasSubstr("verif")));
  EXPECT_THAT(summary.to_table(), HasSubstr("lines passed over  3"));
  EXPECT_FALSE(nlohmann::json::parse(summary.to_json()).contains("verified"));
}

TEST(Summary, JsonHasTheNumbers) {
  const auto json = nlohmann::json::parse(example().to_json());
  EXPECT_EQ(json["amss"], 100'000);
  EXPECT_EQ(json["keys"], 1'234'567);
  EXPECT_EQ(json["failed"], 2);
  EXPECT_EQ(json["engines"], (std::vector<std::string>{"cuda", "simd"}));
  EXPECT_EQ(json["amss_per_second"], 200'000.0);
  EXPECT_EQ(json["mismatches"], 0);
  EXPECT_EQ(json["machine"], "a machine");
}

TEST(Summary, NamesThisMachine) { EXPECT_THAT(this_machine(), HasSubstr("threads")); }

}  // namespace
}  // namespace rekey::ctl
