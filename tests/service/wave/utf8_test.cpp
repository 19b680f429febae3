// SPDX-License-Identifier: Apache-2.0
#include "wave/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace rekey::wave {
namespace {

TEST(Utf8, AcceptsEveryLengthOfSequence) {
  for (const std::string text : {"", "abc", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                 "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(utf8_prefix(text), text.size());
  }
}

TEST(Utf8, FindsTheFirstBadOctet) {
  const std::string bad[] = {
      "\x80",              // a continuation alone
      "\xC1\x81",          // longer than needed
      "\xE0\x9F\xBF",      // longer than needed
      "\xED\xA0\x80",      // a surrogate
      "\xF0\x8F\xBF\xBF",  // longer than needed
      "\xF4\x90\x80\x80",  // beyond U+10FFFF
      "\xF5\x80\x80\x80",  // beyond U+10FFFF
      "\xE2\x82",          // cut short
      "\xE2\x82z",         // interrupted
  };
  for (const std::string& text : bad) EXPECT_EQ(utf8_prefix("ab" + text), 2U);
}

}  // namespace
}  // namespace rekey::wave
