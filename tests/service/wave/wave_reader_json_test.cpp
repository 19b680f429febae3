// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "service/wave/read_all.h"

namespace rekey::wave {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kPmk = "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94";
const std::string kGood =
    R"({"pmk":"EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94","msid":"001B11C9D50C",)"
    R"("bsid":"000000000005","nonce":"0102030405060708","cmac_key_count":1,"ak_sn":1,)"
    R"("saids":[1,2],"reference":"a"})";

ReadAll read(std::string_view text, const Rules& rules = {}) {
  return read_all(Format::kJsonLines, rules, text);
}

/// Reads one line between two good ones and returns its error.
std::string error_of(const std::string& line) {
  const ReadAll all = read(kGood + "\n" + line + "\n" + kGood + "\n");
  EXPECT_EQ(all.failure, "");
  EXPECT_EQ(all.records.size(), 2U) << "the neighbours of a bad line are read";
  EXPECT_EQ(all.bad_lines.size(), 1U);
  return all.bad_lines.empty() ? "" : all.bad_lines[0];
}

/// The good line with one piece replaced.
std::string with(std::string_view piece, std::string_view replacement) {
  std::string line = kGood;
  const std::size_t at = line.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  return line.replace(at, piece.size(), replacement);
}

TEST(JsonWaveReader, ReadsEveryField) {
  const ReadAll all = read("\xEF\xBB\xBF\n" + kGood + "\r\n\n" +
                           with(R"(,"reference":"a")", R"(,  "reference" : "\u00e9")"));
  EXPECT_THAT(all.bad_lines, IsEmpty());
  ASSERT_EQ(all.records.size(), 2U);
  const AmsRecord& ams = all.records[0];
  EXPECT_EQ(ams.pmk.octets()[0], 0xea);
  EXPECT_EQ(ams.pmk.octets()[19], 0x94);
  EXPECT_THAT(ams.msid, ElementsAre(0x00, 0x1b, 0x11, 0xc9, 0xd5, 0x0c));
  EXPECT_THAT(ams.bsid, ElementsAre(0, 0, 0, 0, 0, 5));
  EXPECT_THAT(ams.nonce, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_EQ(ams.cmac_key_count, 1);
  EXPECT_EQ(ams.ak_sn, 1);
  EXPECT_THAT(ams.saids, ElementsAre(1, 2));
  EXPECT_EQ(ams.reference, "a");
  EXPECT_EQ(ams.line, 2U);
  EXPECT_EQ(all.records[1].reference, "\xC3\xA9");
  EXPECT_EQ(all.records[1].line, 4U);
}

TEST(JsonWaveReader, LegacyNeedsNeitherNonceNorSaids) {
  const ReadAll all =
      read(R"({"pmk":"EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94","msid":"001B11C9D50C",)"
           R"("bsid":"000000000005","cmac_key_count":0,"ak_sn":0})",
           {Profile::kLegacy16e, {}});
  EXPECT_THAT(all.bad_lines, IsEmpty());
  EXPECT_EQ(all.records.size(), 1U);
}

TEST(JsonWaveReader, RefusesAnEmptyFile) {
  for (const std::string_view text : {"", "\xEF\xBB\xBF", "\n\r\n"}) {
    EXPECT_EQ(read(text).failure, "expected at least one AMS, found an empty file");
  }
}

TEST(JsonWaveReader, NamesLineFieldExpectedAndFound) {
  EXPECT_EQ(error_of(with(kPmk, kPmk.substr(1))),
            "line 2: pmk: expected 40 hex digits, found 39 (an odd number)");
  EXPECT_EQ(error_of(with("EA8487A", "EA8487x")),
            "line 2: pmk: expected 40 hex digits, found a character that is not a hex digit at "
            "position 7");
  EXPECT_EQ(error_of(with("001B11C9D50C", "001B11C9D50C00")),
            "line 2: msid: expected 12 hex digits, found 14");
  EXPECT_EQ(error_of(with("000000000005", "")), "line 2: bsid: expected 12 hex digits, found none");
  EXPECT_EQ(error_of(with("0102030405060708", "01")),
            "line 2: nonce: expected 16 hex digits, found 2");
  EXPECT_EQ(error_of(with("\"cmac_key_count\":1", "\"cmac_key_count\":65536")),
            "line 2: cmac_key_count: expected 0 to 65535, found 65536");
  EXPECT_EQ(error_of(with("\"cmac_key_count\":1", "\"cmac_key_count\":-1")),
            "line 2: cmac_key_count: expected 0 to 65535, found -1");
  EXPECT_EQ(
      error_of(with("\"cmac_key_count\":1", "\"cmac_key_count\":1.5")),
      "line 2: cmac_key_count: expected 0 to 65535, found a number that is too large or not whole");
  EXPECT_EQ(
      error_of(with("\"cmac_key_count\":1", "\"cmac_key_count\":18446744073709551617")),
      "line 2: cmac_key_count: expected 0 to 65535, found a number that is too large or not whole");
  EXPECT_EQ(error_of(with("\"cmac_key_count\":1", "\"cmac_key_count\":\"1\"")),
            "line 2: cmac_key_count: expected 0 to 65535, found a string");
  EXPECT_EQ(error_of(with("\"ak_sn\":1", "\"ak_sn\":16")),
            "line 2: ak_sn: expected 0 to 15, found 16");
  EXPECT_EQ(error_of(with("\"001B11C9D50C\"", "7")),
            "line 2: msid: expected a string of 12 hex digits, found a number");
  EXPECT_EQ(error_of(with("\"001B11C9D50C\"", "-7")),
            "line 2: msid: expected a string of 12 hex digits, found a number");
  EXPECT_EQ(error_of(with("\"001B11C9D50C\"", "null")),
            "line 2: msid: expected a string of 12 hex digits, found null");
  EXPECT_EQ(error_of(with("\"001B11C9D50C\"", "{}")),
            "line 2: msid: expected a string of 12 hex digits, found an object");
  EXPECT_EQ(error_of(with("\"001B11C9D50C\"", "[]")),
            "line 2: msid: expected a string of 12 hex digits, found a list");
  EXPECT_EQ(error_of(with("\"001B11C9D50C\"", "true")),
            "line 2: msid: expected a string of 12 hex digits, found true or false");
}

TEST(JsonWaveReader, ChecksSaids) {
  EXPECT_EQ(error_of(with("[1,2]", "[1,256]")),
            "line 2: saids: expected values from 0 to 255, found 256");
  EXPECT_EQ(error_of(with("[1,2]", "[1,2,1]")),
            "line 2: saids: expected different values, found 1 twice");
  EXPECT_EQ(error_of(with("[1,2]", "[-1]")),
            "line 2: saids: expected a list of values from 0 to 255, found -1");
  EXPECT_EQ(error_of(with("[1,2]", "[[1]]")),
            "line 2: saids: expected a list of values from 0 to 255, found a list");
  EXPECT_EQ(error_of(with("[1,2]", "\"1;2\"")),
            "line 2: saids: expected a list of values from 0 to 255, found a string");
  EXPECT_EQ(error_of(with("[1,2]", "1")),
            "line 2: saids: expected a list of values from 0 to 255, found a number");
}

TEST(JsonWaveReader, ChecksTheShapeOfALine) {
  EXPECT_EQ(error_of(with("\"ak_sn\":1,", "")),
            "line 2: ak_sn: expected 0 to 15, found no such field");
  EXPECT_EQ(error_of(with("\"nonce\":\"0102030405060708\",", "")),
            "line 2: nonce: expected 16 hex digits, found no such field");
  EXPECT_EQ(error_of(with("\"ak_sn\":1", "\"ak_sn\":1,\"ak_sn\":1")),
            "line 2: object: expected each field once, found `ak_sn` twice");
  EXPECT_EQ(error_of(with("\"ak_sn\"", "\"aksn\"")),
            "line 2: object: expected the fields pmk, msid, bsid, nonce, cmac_key_count, ak_sn, "
            "saids and reference, found `aksn`");
  EXPECT_EQ(error_of("[" + kGood + "]"), "line 2: expected a JSON object, found a list");
  EXPECT_EQ(error_of("7"), "line 2: expected a JSON object, found a number");
  EXPECT_EQ(error_of("\"x\""), "line 2: expected a JSON object, found a string");
  EXPECT_EQ(error_of(kGood.substr(0, kGood.size() - 1)),
            "line 2: expected a JSON object, found a mistake in its syntax at position " +
                std::to_string(kGood.size()));
  EXPECT_EQ(error_of("{\"pmk\":}"),
            "line 2: expected a JSON object, found a mistake in its syntax at position 8");
  EXPECT_THAT(error_of(kGood + kGood), HasSubstr("found a mistake in its syntax at position"));
  EXPECT_EQ(error_of(std::string(kMaxLineOctets + 1, ' ')),
            "line 2: expected at most 8192 octets, found a longer line");
  EXPECT_THAT(error_of(with("\"a\"", "\"\xFF\"")), HasSubstr("a mistake in its syntax"));
}

TEST(JsonWaveReader, NoErrorRepeatsThePmk) {
  const std::string in_quotes = "\"" + kPmk + "\"";
  const std::string lines[] = {
      with("\"cmac_key_count\":1", "\"cmac_key_count\":" + in_quotes),
      with("\"cmac_key_count\":1", "\"" + kPmk + "\":1"),
      with("[1,2]", in_quotes),
      with("\"001B11C9D50C\"", in_quotes),
      with(in_quotes, kPmk),
      with(in_quotes + ",", in_quotes + in_quotes),
  };
  for (const std::string& line : lines) {
    EXPECT_THAT(error_of(line), Not(HasSubstr(kPmk.substr(0, 8))));
  }
}

}  // namespace
}  // namespace rekey::wave
