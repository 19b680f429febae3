// SPDX-License-Identifier: Apache-2.0
//
// `rekeyctl derive --local` as a process, on the specification's known answers and on bad input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "service/rekeyctl/process.h"

namespace rekey::ctl {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kPmk1 = "F43CE2CCB56BF2F1862C2AAC724C20DB437D62AD";
const std::string kPmk2 = "EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94";

const std::string kLegacyCsv = "pmk,msid,bsid,cmac_key_count,ak_sn,reference\n" + kPmk1 +
                               ",00ED04A5105B,0000BB020003,0,0,first\n" + kPmk2 +
                               ",001B11C9D50C,000000000005,0,0,second\n";
const std::string kDraftCsv = "pmk,msid,bsid,nonce,cmac_key_count,ak_sn,saids\n" + kPmk2 +
                              ",001B11C9D50C,000000000005,0102030405060708,1,1,1\n";
const std::string kDraftJson = "{\"pmk\":\"" + kPmk2 +
                               "\",\"msid\":\"001B11C9D50C\",\"bsid\":\"000000000005\","
                               "\"nonce\":\"0102030405060708\",\"cmac_key_count\":1,\"ak_sn\":1,"
                               "\"saids\":[1]}\n";
const std::string kPublishedJson = "{\"pmk\":\"" + kPmk2 +
                                   "\",\"msid\":\"001B11C9D50C\",\"bsid\":\"000000000005\","
                                   "\"nonce\":\"1112131415161718\",\"cmac_key_count\":1,"
                                   "\"ak_sn\":1,\"saids\":[1]}\n";

const std::string kDraftKeysJson =
    R"("msid":"001b11c9d50c","bsid":"000000000005","code":0,"msid_star":"58804f4a1c8d",)"
    R"("ak":"a2a9c01df3ee9ab07173a8656ca09ef193a9cbbe","akid":"ed449b1ade087b5e",)"
    R"("cmac_key_u":"4ba9577bbf5a25b7adff87ded88a62a3",)"
    R"("cmac_key_d":"9c46a886047e5a2ce4949331b928543f",)"
    R"("teks":[{"said":1,"counter":0,"eks":0,"key":"4d341c1ba592a00c27eaebd11c680324"},)"
    R"({"said":1,"counter":1,"eks":1,"key":"22a4cee0606938a2fc5cc98d36fa095f"}]})"
    "\n";

/// Runs `derive --local` with more arguments.
Outcome derive(std::vector<std::string> arguments, const std::string& input = {},
               const std::vector<std::string>& environment = {}) {
  arguments.insert(arguments.begin(), {"derive", "--local"});
  return run_rekeyctl(arguments, input, environment);
}

TEST(RekeyctlDerive, LegacyKnownAnswersFromCsvToCsv) {
  const Outcome run =
      derive({"--profile", "legacy-16e", "--in", "-", "--format", "csv", "--out-format", "csv"},
             kLegacyCsv);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out,
              AllOf(HasSubstr("profile,line,reference,msid,bsid,code,message,ak,akid,"
                              "cmac_key_u,cmac_key_d,kek\n"
                              "legacy-16e,2,first,00ed04a5105b,0000bb020003,0,,"
                              "cae0de08e027acb5198ae78c2a2d78ab9945ce74,c056432d94074994,"),
                    HasSubstr("legacy-16e,3,second,001b11c9d50c,000000000005,0,,"
                              "d7eaa9683c377b76a2385b8454b57ae7c9ad3224,3b7e354a44b25806,"
                              "f6eed12d93c37271bdb384449cb62467,"
                              "c0f5e67ca3b7e3c31de4222a25836b2b,"
                              "e09389b8f3391dfec8a99af41da147b9\n")));
}

TEST(RekeyctlDerive, DraftAnswersFromBothFormatsToBothFormats) {
  const TempFolder folder;
  const std::string csv = folder.write("wave.csv", kDraftCsv);
  const std::string jsonl = folder.write("wave.jsonl", kDraftJson);
  EXPECT_EQ(derive({"--in", csv}).out, R"({"profile":"16m-draft","line":2,)" + kDraftKeysJson);
  EXPECT_EQ(derive({"--in", jsonl}).out, R"({"profile":"16m-draft","line":1,)" + kDraftKeysJson);
  const Outcome to_csv = derive({"--in", jsonl, "--out", folder.path("keys.csv")});
  EXPECT_EQ(to_csv.exit_code, 0) << to_csv.err;
  EXPECT_EQ(folder.read("keys.csv"),
            "profile,line,reference,msid,bsid,code,message,msid_star,ak,akid,cmac_key_u,cmac_key_d,"
            "teks\n"
            "16m-draft,1,,001b11c9d50c,000000000005,0,,58804f4a1c8d,"
            "a2a9c01df3ee9ab07173a8656ca09ef193a9cbbe,ed449b1ade087b5e,"
            "4ba9577bbf5a25b7adff87ded88a62a3,9c46a886047e5a2ce4949331b928543f,"
            "1:0:0:4d341c1ba592a00c27eaebd11c680324;1:1:1:22a4cee0606938a2fc5cc98d36fa095f\n");
  struct stat about = {};
  ASSERT_EQ(stat(folder.path("keys.csv").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST(RekeyctlDerive, OptionsOfTheProfiles) {
  EXPECT_THAT(derive({"--nonce-first", "--in", "-", "--format", "jsonl"}, kDraftJson).out,
              HasSubstr("\"msid_star\":\"7b1b7c31fc47\""));
  EXPECT_THAT(derive({"--said-octets", "2", "--in", "-", "--format", "jsonl"}, kDraftJson).out,
              AllOf(HasSubstr("b8b58a76886d4e3ad45a77245d8bff6c"),
                    HasSubstr("50193e592aac9af8dae96af182d58c4d")));
  EXPECT_THAT(
      derive({"--profile", "16m-published", "--in", "-", "--format", "jsonl"}, kPublishedJson).out,
      AllOf(HasSubstr("\"msid_star\":\"c3aea5982f13\""), HasSubstr("4f61ec2e1b708d44"),
            HasSubstr("94b70830b925e20cc535e4f42d897049")));
  EXPECT_EQ(derive({"--profile", "legacy-16e", "--nonce-first", "--in", "x.csv"}).exit_code, 2);
}

TEST(RekeyctlDerive, OneAmsFromFlagsWithThePmkInAFileOrOnStandardInput) {
  const TempFolder folder;
  const std::vector<std::string> ams = {"--msid",           "001B11C9D50C",
                                        "--bsid",           "000000000005",
                                        "--nonce",          "0102030405060708",
                                        "--cmac-key-count", "1",
                                        "--ak-sn",          "1",
                                        "--said",           "1"};
  const auto with_pmk = [&](std::vector<std::string> pmk) {
    pmk.insert(pmk.end(), ams.begin(), ams.end());
    return pmk;
  };
  const std::string expected = R"({"profile":"16m-draft",)" + kDraftKeysJson;
  EXPECT_EQ(derive(with_pmk({"--pmk-file", folder.write("pmk", kPmk2 + "\n")})).out, expected);
  EXPECT_EQ(derive(with_pmk({"--pmk-file", "-"}), kPmk2).out, expected);
  EXPECT_EQ(derive(with_pmk({"--pmk", kPmk2, "--insecure-pmk-on-command-line"})).out, expected);

  const Outcome refused = derive(with_pmk({"--pmk", kPmk2}));
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.out, IsEmpty());
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("every user of this machine can read"), Not(HasSubstr(kPmk2))));
}

TEST(RekeyctlDerive, ChecksTheFlagsOfOneAms) {
  const auto error = [](const std::vector<std::string>& arguments, const std::string& input) {
    const Outcome run = derive(arguments, input);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << "one line: " << run.err;
    return run.err;
  };
  EXPECT_EQ(error({"--pmk-file", "-", "--msid", "00"}, kPmk2),
            "rekeyctl: msid: expected 12 hex digits, found 2\n");
  EXPECT_EQ(error({"--pmk-file", "-", "--msid", "001B11C9D50C"}, kPmk2),
            "rekeyctl: --bsid: expected 12 hex digits, found no such flag\n");
  EXPECT_EQ(error({"--pmk-file", "-", "--msid", "001B11C9D50C"}, kPmk2 + "0"),
            "rekeyctl: pmk: expected 40 hex digits, found 41 (an odd number)\n");
  EXPECT_EQ(error({"--pmk-file", "-", "--msid", "001B11C9D50C"}, kPmk2 + "\n" + kPmk2),
            "rekeyctl: --pmk-file: expected one line, found more\n");
  EXPECT_EQ(error({"--msid", "001B11C9D50C"}, ""),
            "rekeyctl: the PMK: expected --pmk-file, found no such flag\n");
  EXPECT_THAT(error({}, ""), HasSubstr("expected either --in or the flags of one AMS"));
  EXPECT_THAT(error({"--in", "-", "--ak-sn", "1"}, ""), HasSubstr("found both"));
  EXPECT_THAT(error({"--in", "-"}, ""), HasSubstr("--format: expected csv or jsonl, found none"));
  EXPECT_THAT(error({"--in", "-", "--format", "xml"}, ""), HasSubstr("found xml"));
  EXPECT_THAT(error({"--in", "x.csv", "--outputs", "ak,foo"}, ""), HasSubstr("found foo"));
  EXPECT_THAT(error({"--in", "x.csv", "--outputs", "kek"}, ""),
              HasSubstr("outputs: expected keys that 16m-draft yields, found kek"));
  EXPECT_THAT(error({"--in", "x.csv", "--tek-counter", "65536"}, ""),
              HasSubstr("--tek-counter: expected 0 to 65535, found 65536"));
  EXPECT_THAT(error({"--in", "x.csv", "--tek-counter", "1", "--tek-counter", "1"}, ""),
              HasSubstr("tek_counters: expected different values, found 1 twice"));
  EXPECT_THAT(error({"--in", "x.csv", "--profile", "17m"}, ""), HasSubstr("found 17m"));
  EXPECT_THAT(error({"--in", "x.csv", "--server", "127.0.0.1:1"}, ""), HasSubstr("excludes"));
}

TEST(RekeyctlDerive, RepeatsNoUnexpectedArgument) {
  const Outcome run = derive({"--pmkk", kPmk2, "--key=" + kPmk2, kPmk2});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err, "rekeyctl: not expected: --pmkk, --key (see rekeyctl --help)\n");
}

TEST(RekeyctlDerive, ChoosesOutputsAndCounters) {
  const Outcome run = derive({"--in", "-", "--format", "csv", "--outputs", "akid,teks",
                              "--tek-counter", "7", "--tek-counter", "1"},
                             kDraftCsv);
  const json keys = json::parse(run.out);
  EXPECT_FALSE(keys.contains("ak"));
  EXPECT_EQ(keys["akid"], "ed449b1ade087b5e");
  ASSERT_EQ(keys["teks"].size(), 2U);
  EXPECT_EQ(keys["teks"][0]["counter"], 7);
  EXPECT_EQ(keys["teks"][0]["eks"], 3);
  EXPECT_EQ(keys["teks"][1]["key"], "22a4cee0606938a2fc5cc98d36fa095f");
}

TEST(RekeyctlDerive, ABadLineStopsAfterTheLinesBeforeIt) {
  const TempFolder folder;
  const std::string bad =
      folder.write("wave.csv", kDraftCsv + "short,line\n" + kDraftCsv.substr(50));
  const Outcome run = derive({"--in", bad});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "rekeyctl: " + bad + ": line 3: expected 7 fields, found 2\n");
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
}

TEST(RekeyctlDerive, KeepGoingPassesOverBadLines) {
  const std::string line = kDraftJson;
  const Outcome run = derive({"--in", "-", "--format", "jsonl", "--keep-going", "--verify"},
                             line + "{\"pmk\":\"12\"}\n" + line + "[]\n" + line);
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 3);
  EXPECT_EQ(run.err,
            "rekeyctl: standard input: line 2: pmk: expected 40 hex digits, found 2\n"
            "rekeyctl: standard input: line 4: expected a JSON object, found a list\n"
            "rekeyctl: 0 AMSs failed, 2 lines were passed over\n");
}

TEST(RekeyctlDerive, AWholeFileThatIsBadFails) {
  const Outcome empty = derive({"--in", "-", "--format", "csv", "--keep-going"}, "");
  EXPECT_EQ(empty.exit_code, 1);
  EXPECT_EQ(empty.err, "rekeyctl: standard input: expected a header line, found an empty file\n");
  const Outcome absent = derive({"--in", "/nowhere/wave.csv"});
  EXPECT_EQ(absent.exit_code, 1);
  EXPECT_THAT(absent.err, HasSubstr("/nowhere/wave.csv: cannot open: No such file"));
  const Outcome full = derive(
      {"--in", "-", "--format", "csv", "--out", "/dev/full", "--out-format", "csv"}, kDraftCsv);
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.err, HasSubstr("/dev/full: cannot write: No space left on device"));
}

TEST(RekeyctlDerive, TheForcedEngineDerives) {
  const TempFolder folder;
  const std::string summary = folder.path("summary.json");
  for (const std::string engine : {"openssl", "simd"}) {
    const Outcome by_flag =
        derive({"--engine", engine, "--in", "-", "--format", "csv", "--summary-json", summary},
               kDraftCsv, {"REKEY_ENGINE=cuda"});
    EXPECT_EQ(by_flag.exit_code, 0) << by_flag.err;
    EXPECT_EQ(json::parse(folder.read("summary.json"))["engines"], json::array({engine}));
    const Outcome by_variable = derive({"--in", "-", "--format", "csv", "--summary-json", summary},
                                       kDraftCsv, {"REKEY_ENGINE=" + engine});
    EXPECT_EQ(by_variable.exit_code, 0) << by_variable.err;
    EXPECT_EQ(json::parse(folder.read("summary.json"))["engines"], json::array({engine}));
  }
  const Outcome unknown = derive({"--engine", "abacus", "--in", "-", "--format", "csv"}, kDraftCsv);
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_EQ(unknown.err, "rekeyctl: engine: expected one of cuda, simd, openssl, found abacus\n");
}

TEST(RekeyctlDerive, VerifiesALongWaveAndSumsItUp) {
  const TempFolder folder;
  const std::string wave = folder.path("wave.csv");
  ASSERT_EQ(run_rekeyctl({"wave", "--count", "10000", "--out", wave}).exit_code, 0);
  const Outcome run = derive({"--in", wave, "--out", folder.path("keys.jsonl"), "--verify",
                              "--summary", "--summary-json", folder.path("summary.json")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("AMSs               10,000\n"), HasSubstr("mismatches         0\n")));
  const json summary = json::parse(folder.read("summary.json"));
  EXPECT_EQ(summary["amss"], 10'000);
  EXPECT_EQ(summary["verified"], summary["keys"]);
  EXPECT_EQ(summary["mismatches"], 0);
  const std::string keys = folder.read("keys.jsonl");
  EXPECT_EQ(std::count(keys.begin(), keys.end(), '\n'), 10'000);
}

}  // namespace
}  // namespace rekey::ctl
