// SPDX-License-Identifier: Apache-2.0
#include "config/toml_file.h"

#include <gtest/gtest.h>

namespace rekey::config {
namespace {

std::string error_in_file(std::string_view text) {
  GivenSettings given = {{"untouched", {}}};
  const Status status = parse_toml(text, "f.toml", &given);
  EXPECT_EQ(given.count("untouched"), status.ok() ? 0U : 1U);
  return status.message();
}

TEST(TomlFile, ReadsEveryShape) {
  GivenSettings given;
  const Status status = parse_toml(
      "listen = \"127.0.0.1:1\"  # a comment\nsimd-threads = 3\ninsecure = true\n"
      "\nallow-derive = [\n  \"a.example\",\n  'spiffe://b',\n]\n",
      "f.toml", &given);
  ASSERT_EQ(status.message(), "");
  ASSERT_EQ(given.size(), 4U);
  EXPECT_EQ(given.at("listen").texts, std::vector<std::string>{"127.0.0.1:1"});
  EXPECT_EQ(given.at("simd-threads").texts, std::vector<std::string>{"3"});
  EXPECT_EQ(given.at("insecure").texts, std::vector<std::string>{"true"});
  EXPECT_EQ(given.at("allow-derive").texts, (std::vector<std::string>{"a.example", "spiffe://b"}));
  EXPECT_EQ(given.at("allow-derive").where, "f.toml:5: allow-derive");
}

TEST(TomlFile, AnEmptyFileIsGood) { EXPECT_EQ(error_in_file("# nothing\n"), ""); }

TEST(TomlFile, ErrorsNameFileLineKeyExpectedAndFound) {
  EXPECT_EQ(error_in_file("\nverfy = \"all\"\n"),
            "f.toml:2: verfy: expected the name of a flag (rekeyd --help), found 'verfy'");
  EXPECT_EQ(error_in_file("insecure = \"yes\"\n"),
            "f.toml:1: insecure: expected true or false, found a string");
  EXPECT_EQ(error_in_file("allow-derive = \"a\"\n"),
            "f.toml:1: allow-derive: expected a list of strings, found a string");
  EXPECT_EQ(error_in_file("allow-derive = [\"a\", 5]\n"),
            "f.toml:1: allow-derive: expected a list of strings, found an integer");
  EXPECT_EQ(error_in_file("verify = [\"all\"]\n"),
            "f.toml:1: verify: expected a string or an integer, found a list");
  EXPECT_EQ(error_in_file("simd-threads = 1.5\n"),
            "f.toml:1: simd-threads: expected a string or an integer, found a number with a "
            "fraction");
  EXPECT_EQ(error_in_file("[verify]\nhow = 1\n"),
            "f.toml:1: verify: expected a string or an integer, found a table");
}

TEST(TomlFile, AllThatIsWrongIsSaidAtOnce) {
  EXPECT_EQ(error_in_file("a = 1\nverify = 2020-01-01\n"),
            "f.toml:1: a: expected the name of a flag (rekeyd --help), found 'a'\n"
            "f.toml:2: verify: expected a string or an integer, found a date or time");
}

TEST(TomlFile, WhatIsNoTomlIsNamedByItsLine) {
  for (const char* text : {"listen = \n", "listen\n", "= 3\n", "verify = all\n",
                           "verify = \"all\"\nverify = \"off\"\n"}) {
    EXPECT_EQ(error_in_file(text).rfind("f.toml:", 0), 0U) << text;
    EXPECT_NE(error_in_file(text).find(": expected TOML, found: "), std::string::npos) << text;
  }
}

TEST(TomlFile, WhatIsTooMuchIsRefusedBeforeItIsRead) {
  EXPECT_EQ(error_in_file(std::string(100'000, '[')),
            "f.toml: expected at most 256 opening brackets, found more");
  EXPECT_EQ(error_in_file(std::string(2'000'000, '#')),
            "f.toml: expected at most 1048576 octets, found 2000000");
}

TEST(TomlFile, WhatIsNotPrintableAsciiIsNamedByItsLine) {
  EXPECT_EQ(error_in_file("verify = \"all\"\n# \xc3\xa9\n"),
            "f.toml:2: expected printable ASCII, found an octet of value 195");
  EXPECT_EQ(error_in_file(std::string_view("[\0a]\n", 5)),
            "f.toml:1: expected printable ASCII, found an octet of value 0");
  EXPECT_EQ(error_in_file("verify\t=\t\"all\"\r\n"), "");
}

TEST(TomlFile, AFileThatCannotBeReadIsNamed) {
  GivenSettings given;
  EXPECT_EQ(read_toml("/no/such.toml", &given).message(),
            "/no/such.toml: expected a file that can be read, found: No such file or directory");
}

}  // namespace
}  // namespace rekey::config
