// SPDX-License-Identifier: Apache-2.0
#include "wave/hex.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace rekey::wave {
namespace {

TEST(Hex, EveryOctetSurvivesBothCases) {
  for (unsigned value = 0; value < 256; ++value) {
    const std::array<std::uint8_t, 1> octet = {static_cast<std::uint8_t>(value)};
    SecretText text;
    append_hex(octet, &text);
    ASSERT_EQ(text.size(), 2U);
    std::array<std::uint8_t, 1> back{};
    ASSERT_TRUE(parse_hex("f", text, back).ok());
    EXPECT_EQ(back, octet);
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    ASSERT_TRUE(parse_hex("f", text, back).ok());
    EXPECT_EQ(back, octet);
  }
}

TEST(Hex, WritesLowerCaseMostSignificantFirst) {
  const std::array<std::uint8_t, 3> octets = {0x0f, 0xa0, 0x9c};
  SecretText text;
  append_hex(octets, &text);
  EXPECT_EQ(text, "0fa09c");
}

TEST(Hex, AcceptsExactlyTheHexDigits) {
  for (unsigned value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const std::string digits = {'0', c};
    const bool is_digit = std::string("0123456789abcdefABCDEF").find(c) != std::string::npos;
    std::array<std::uint8_t, 1> octet{};
    EXPECT_EQ(parse_hex("f", digits, octet).ok(), is_digit) << value;
  }
}

TEST(Hex, SaysWhatIsWrongWithoutTheDigits) {
  std::array<std::uint8_t, 3> octets = {1, 2, 3};
  EXPECT_EQ(parse_hex("msid", "00112", octets),
            Status::invalid_argument("msid: expected 6 hex digits, found 5 (an odd number)"));
  EXPECT_EQ(octets, (std::array<std::uint8_t, 3>{}));
  EXPECT_EQ(parse_hex("msid", "0011", octets),
            Status::invalid_argument("msid: expected 6 hex digits, found 4"));
  EXPECT_EQ(parse_hex("msid", "", octets),
            Status::invalid_argument("msid: expected 6 hex digits, found none"));
  EXPECT_EQ(parse_hex("msid", "0011g2", octets),
            Status::invalid_argument("msid: expected 6 hex digits, found a character that is not a "
                                     "hex digit at position 5"));
}

}  // namespace
}  // namespace rekey::wave
