// SPDX-License-Identifier: Apache-2.0
#include "wave/csv_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rekey::wave {
namespace {

using ::testing::ElementsAre;

std::vector<SecretText> split(std::string_view line) {
  std::vector<SecretText> fields;
  EXPECT_TRUE(split_csv_line(line, &fields).ok());
  return fields;
}

TEST(CsvLine, SplitsAtCommas) {
  EXPECT_THAT(split("a,b,c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split("a,,"), ElementsAre("a", "", ""));
  EXPECT_THAT(split(""), ElementsAre(""));
}

TEST(CsvLine, TakesQuotedFields) {
  EXPECT_THAT(split(R"("a,b","say ""hi""",c)"), ElementsAre("a,b", "say \"hi\"", "c"));
  EXPECT_THAT(split(R"(a,"")"), ElementsAre("a", ""));
}

TEST(CsvLine, RefusesBrokenQuotes) {
  std::vector<SecretText> fields;
  EXPECT_EQ(
      split_csv_line(R"(a,"b)", &fields),
      Status::invalid_argument("field 2: expected a closing quote, found the end of the line"));
  EXPECT_EQ(split_csv_line(R"("a"b,c)", &fields),
            Status::invalid_argument("field 1: expected a comma or the end of the line after the "
                                     "closing quote, found other text"));
}

TEST(CsvLine, QuotesWhatNeedsIt) {
  SecretText line;
  append_csv_field("plain", &line);
  append_csv_field("a,b", &line);
  append_csv_field("say \"hi\"", &line);
  append_csv_field("two\nlines", &line);
  EXPECT_EQ(line, R"(plain"a,b""say ""hi""""two lines")");
}

}  // namespace
}  // namespace rekey::wave
