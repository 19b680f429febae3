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

constexpr std::string_view kHeader = "pmk,msid,bsid,nonce,cmac_key_count,ak_sn,saids,reference\n";
constexpr std::string_view kPmk = "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94";
constexpr std::string_view kGood =
    "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94,001B11C9D50C,000000000005,0102030405060708,1,1,1;2,a";

ReadAll read(std::string_view text, const Rules& rules = {}) {
  return read_all(Format::kCsv, rules, text);
}

/// Reads one line under the usual header between two good ones and returns its error.
std::string error_of(std::string_view line, const Rules& rules = {}) {
  std::string text(kHeader);
  text.append(kGood).append("\n").append(line).append("\n").append(kGood).append("\n");
  const ReadAll all = read(text, rules);
  EXPECT_EQ(all.failure, "");
  EXPECT_EQ(all.records.size(), 2U) << "the neighbours of a bad line are read";
  EXPECT_EQ(all.bad_lines.size(), 1U);
  return all.bad_lines.empty() ? "" : all.bad_lines[0];
}

/// The good line with the field at `column` (from 0) replaced.
std::string with(std::size_t column, std::string_view text) {
  std::string line(kGood);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < column; ++i) begin = line.find(',', begin) + 1;
  const std::size_t end = std::min(line.find(',', begin), line.size());
  return line.replace(begin, end - begin, text);
}

TEST(CsvWaveReader, ReadsEveryField) {
  const ReadAll all = read(std::string(kHeader) + std::string(kGood));
  ASSERT_EQ(all.records.size(), 1U);
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
}

TEST(CsvWaveReader, TakesColumnsInAnyOrderAndLeavesOutTheReference) {
  const ReadAll all = read(
      "saids,ak_sn,cmac_key_count,nonce,bsid,msid,pmk\n"
      "7,2,3,0102030405060708,000000000005,001B11C9D50C,EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94");
  ASSERT_EQ(all.records.size(), 1U);
  EXPECT_THAT(all.records[0].saids, ElementsAre(7));
  EXPECT_EQ(all.records[0].ak_sn, 2);
  EXPECT_EQ(all.records[0].reference, "");
}

TEST(CsvWaveReader, TakesCrLfByteOrderMarkEmptyLinesAndQuotes) {
  const std::string text = "\xEF\xBB\xBF" + std::string(kHeader.substr(0, kHeader.size() - 1)) +
                           "\r\n\r\n" + with(7, "\"x, \"\"y\"\"\"") + "\r\n";
  const ReadAll all = read(text);
  EXPECT_EQ(all.failure, "");
  EXPECT_THAT(all.bad_lines, IsEmpty());
  ASSERT_EQ(all.records.size(), 1U);
  EXPECT_EQ(all.records[0].reference, "x, \"y\"");
  EXPECT_EQ(all.records[0].line, 3U);
}

TEST(CsvWaveReader, TakesAnAmsWithoutSecurityAssociation) {
  const ReadAll all = read(std::string(kHeader) + with(6, ""));
  ASSERT_EQ(all.records.size(), 1U);
  EXPECT_THAT(all.records[0].saids, IsEmpty());
}

TEST(CsvWaveReader, LegacyNeedsNeitherNonceNorSaids) {
  const Rules legacy{Profile::kLegacy16e, {}};
  EXPECT_EQ(read("pmk,msid,bsid,cmac_key_count,ak_sn\n"
                 "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94,001B11C9D50C,000000000005,0,0",
                 legacy)
                .records.size(),
            1U);
  EXPECT_EQ(read(std::string(kHeader) +
                     "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94,001B11C9D50C,000000000005,,0,0,,",
                 legacy)
                .records.size(),
            1U);
}

TEST(CsvWaveReader, HeaderAloneIsAnEmptyWave) {
  const ReadAll all = read(kHeader);
  EXPECT_EQ(all.failure, "");
  EXPECT_THAT(all.records, IsEmpty());
}

TEST(CsvWaveReader, RefusesAnEmptyFile) {
  for (const std::string_view text : {"", "\xEF\xBB\xBF", "\n\r\n"}) {
    EXPECT_EQ(read(text).failure, "expected a header line, found an empty file");
  }
}

TEST(CsvWaveReader, RefusesABadHeader) {
  EXPECT_EQ(read("pmk,msid,bsid,nonce,cmac_key_count,saids\n").failure,
            "line 1: header: expected a column ak_sn, found none (16m-draft needs it)");
  EXPECT_EQ(read("pmk,msid,bsid,cmac_key_count,ak_sn,saids\n").failure,
            "line 1: header: expected a column nonce, found none (16m-draft needs it)");
  EXPECT_EQ(read("pmk,msid,msid,bsid,nonce,cmac_key_count,ak_sn,saids\n").failure,
            "line 1: header: expected each column once, found msid twice");
  EXPECT_EQ(read("pmk,msid,bsid,nonce,count,ak_sn,saids\n").failure,
            "line 1: header: expected the names pmk, msid, bsid, nonce, cmac_key_count, ak_sn, "
            "saids and reference, found `count` as column 5");
  EXPECT_THAT(read(std::string(2 * kMaxLineOctets, 'x')).failure, HasSubstr("line 1: expected"));
}

TEST(CsvWaveReader, AMissingHeaderGivesNoPmkAway) {
  const ReadAll all = read(kGood);
  EXPECT_THAT(all.failure, HasSubstr("found text that is no name as column 1"));
  EXPECT_THAT(all.failure, Not(HasSubstr(std::string(kPmk))));
}

TEST(CsvWaveReader, NamesLineFieldExpectedAndFound) {
  EXPECT_EQ(error_of(with(0, kPmk.substr(1))),
            "line 3: pmk: expected 40 hex digits, found 39 (an odd number)");
  EXPECT_EQ(error_of(with(0, "EA8487x0F6F4B35FBDDB2F232B771D2F71FDDA94")),
            "line 3: pmk: expected 40 hex digits, found a character that is not a hex digit at "
            "position 7");
  EXPECT_EQ(error_of(with(1, "001B11C9D50C00")), "line 3: msid: expected 12 hex digits, found 14");
  EXPECT_EQ(error_of(with(2, "")), "line 3: bsid: expected 12 hex digits, found none");
  EXPECT_EQ(error_of(with(3, "01")), "line 3: nonce: expected 16 hex digits, found 2");
  EXPECT_EQ(error_of(with(4, "65536")), "line 3: cmac_key_count: expected 0 to 65535, found 65536");
  EXPECT_EQ(error_of(with(4, "-1")),
            "line 3: cmac_key_count: expected 0 to 65535, found a character that is not a digit at "
            "position 1");
  EXPECT_EQ(error_of(with(4, "18446744073709551617")),
            "line 3: cmac_key_count: expected 0 to 65535, found a number of 20 digits");
  EXPECT_EQ(error_of(with(4, "")), "line 3: cmac_key_count: expected 0 to 65535, found nothing");
  EXPECT_EQ(error_of(with(5, "16")), "line 3: ak_sn: expected 0 to 15, found 16");
  EXPECT_EQ(error_of(with(7, "\xFF")),
            "line 3: reference: expected at most 256 octets of UTF-8 text in one line, found an "
            "octet that is "
            "not UTF-8 at position 1");
  EXPECT_EQ(error_of(with(7, "a\tb")),
            "line 3: reference: expected at most 256 octets of UTF-8 text in one line, found a "
            "control character at position 2");
  EXPECT_EQ(
      error_of(with(7, std::string(257, 'r'))),
      "line 3: reference: expected at most 256 octets of UTF-8 text in one line, found 257 octets");
}

TEST(CsvWaveReader, ChecksSaids) {
  EXPECT_EQ(error_of(with(6, "1;256")), "line 3: saids: expected values from 0 to 255, found 256");
  EXPECT_EQ(error_of(with(6, "1;2;1")), "line 3: saids: expected different values, found 1 twice");
  EXPECT_EQ(error_of(with(6, "1;")),
            "line 3: saids: expected values from 0 to 255, found nothing of SAID 2 of the list");
  EXPECT_EQ(error_of(with(6, "1;2x")),
            "line 3: saids: expected values from 0 to 255, found a character that is not a digit "
            "at position 2 of SAID 2 of the list");
  std::string all_255;
  for (int said = 0; said < 255; ++said) all_255 += (said == 0 ? "" : ";") + std::to_string(said);
  EXPECT_EQ(read(std::string(kHeader) + with(6, all_255)).records.size(), 1U);
  EXPECT_EQ(error_of(with(6, all_255 + ";255")),
            "line 3: saids: expected at most 255 values, found more");

  const Rules wide{Profile::k16mDraft, {.said_octets = 2}};
  const ReadAll two_octets = read(std::string(kHeader) + with(6, "256;65535"), wide);
  ASSERT_EQ(two_octets.records.size(), 1U);
  EXPECT_THAT(two_octets.records[0].saids, ElementsAre(256, 65'535));
  EXPECT_EQ(error_of(with(6, "65536"), wide),
            "line 3: saids: expected values from 0 to 65535, found 65536");
}

TEST(CsvWaveReader, ChecksTheShapeOfALine) {
  EXPECT_EQ(error_of(kGood.substr(0, kGood.size() - 2)), "line 3: expected 8 fields, found 7");
  EXPECT_EQ(error_of(std::string(kGood) + ",x"), "line 3: expected 8 fields, found 9");
  EXPECT_EQ(error_of(with(7, "\"open")),
            "line 3: field 8: expected a closing quote, found the end of the line");
  EXPECT_EQ(error_of(with(7, std::string(kMaxLineOctets, 'r'))),
            "line 3: expected at most 8192 octets, found a longer line");
}

TEST(CsvWaveReader, RefusesWhatTheProfileDoesNotTake) {
  const Rules legacy{Profile::kLegacy16e, {}};
  const std::string header = "pmk,msid,bsid,nonce,cmac_key_count,ak_sn,saids\n";
  const std::string start = "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94,001B11C9D50C,000000000005,";
  EXPECT_THAT(read(header + start + "0102030405060708,0,0,", legacy).bad_lines,
              ElementsAre("line 2: nonce: expected none (legacy-16e takes no nonce), found 16 "
                          "characters"));
  EXPECT_THAT(read(header + start + ",0,0,1", legacy).bad_lines,
              ElementsAre("line 2: saids: expected none (legacy-16e derives no TEK), found some"));
  const Rules no_privacy{Profile::k16mPublished, {.msid_privacy_off = true}};
  EXPECT_THAT(read(header + start + "0102030405060708,0,0,", no_privacy).bad_lines,
              ElementsAre("line 2: nonce: expected none (16m-published with msid_privacy_off takes "
                          "no nonce), found 16 characters"));
}

TEST(CsvWaveReader, NoErrorRepeatsThePmk) {
  // The columns of a line shifted by one put the PMK under every other name in turn.
  for (std::size_t column = 1; column < 7; ++column) {
    EXPECT_THAT(error_of(with(column, kPmk)), Not(HasSubstr(std::string(kPmk.substr(0, 8)))));
  }
}

}  // namespace
}  // namespace rekey::wave
