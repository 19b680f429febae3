// SPDX-License-Identifier: Apache-2.0
#include "wave/line_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rekey::wave {
namespace {

using ::testing::ElementsAre;
using Outcome = LineReader::Outcome;

std::vector<std::string> lines_of(Source& source) {
  LineReader reader(source);
  std::vector<std::string> lines;
  for (;;) {
    switch (reader.next()) {
      case Outcome::kLine:
        lines.emplace_back(reader.line());
        break;
      case Outcome::kTooLong:
        lines.push_back("too long: " + std::to_string(reader.number()));
        break;
      case Outcome::kFailed:
        lines.push_back("failed: " + reader.failure().message());
        return lines;
      case Outcome::kEnd:
        return lines;
    }
  }
}

std::vector<std::string> lines_of(std::string_view text) {
  TextSource source(text);
  return lines_of(source);
}

/// Gives its text a few octets at a time, then the end or an error.
class DripSource final : public Source {
 public:
  DripSource(std::string text, std::size_t octets_at_once, Status at_end = {})
      : text_(std::move(text)), octets_at_once_(octets_at_once), at_end_(std::move(at_end)) {}

  Status read(std::span<char> buffer, std::size_t* out_octets) override {
    *out_octets = std::min({octets_at_once_, buffer.size(), text_.size() - position_});
    if (*out_octets == 0) return at_end_;
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(position_), *out_octets,
                buffer.begin());
    position_ += *out_octets;
    return {};
  }

 private:
  std::string text_;
  std::size_t octets_at_once_;
  Status at_end_;
  std::size_t position_ = 0;
};

TEST(LineReader, EndsLinesWithLfAndCrLf) {
  EXPECT_THAT(lines_of("a\nb\r\n\nc\n"), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(lines_of("a\nlast"), ElementsAre("a", "last"));
  EXPECT_THAT(lines_of("a\r"), ElementsAre("a"));
  EXPECT_THAT(lines_of(""), ElementsAre());
}

TEST(LineReader, DropsTheByteOrderMarkOfTheFirstLineAlone) {
  EXPECT_THAT(lines_of("\xEF\xBB\xBF"
                       "a\n\xEF\xBB\xBF"
                       "b\n"),
              ElementsAre("a",
                          "\xEF\xBB\xBF"
                          "b"));
}

TEST(LineReader, TakesALineOfFullLengthWithEverythingAroundIt) {
  const std::string longest(kMaxLineOctets, 'x');
  EXPECT_THAT(lines_of("\xEF\xBB\xBF" + longest + "\r\n" + longest), ElementsAre(longest, longest));
}

TEST(LineReader, PassesOverALineThatIsTooLong) {
  const std::string too_long(kMaxLineOctets + 1, 'x');
  EXPECT_THAT(lines_of("a\n" + too_long + "\nb\n"), ElementsAre("a", "too long: 2", "b"));
  const std::string endless(10 * kMaxLineOctets + 7, 'x');
  EXPECT_THAT(lines_of(endless + "\nb\n" + endless),
              ElementsAre("too long: 1", "b", "too long: 3"));
}

TEST(LineReader, DoesNotCareHowTheTextArrives) {
  std::string text;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 200; ++i) {
    expected.emplace_back(i * 37 % 1'000, static_cast<char>('a' + i % 26));
    text += expected.back() + (i % 2 == 0 ? "\n" : "\r\n");
  }
  for (const std::size_t octets : {1U, 2U, 3U, 1'000U, 100'000U}) {
    DripSource source(text, octets);
    EXPECT_EQ(lines_of(source), expected) << octets;
  }
}

TEST(LineReader, ReportsWhatTheSourceReports) {
  DripSource source("a\nb", 2, {Code::kInternal, "the disk is gone"});
  EXPECT_THAT(lines_of(source), ElementsAre("a", "failed: the disk is gone"));
}

}  // namespace
}  // namespace rekey::wave
