// SPDX-License-Identifier: Apache-2.0
//
// The other commands of rekeyctl as a process, without a server.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "service/rekeyctl/process.h"

namespace rekey::ctl {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A port of this machine where nobody listens: one of the privileged ones that has no service.
const std::string kNobody = "127.0.0.1:1";

TEST(Rekeyctl, HelpAndVersion) {
  const Outcome help = run_rekeyctl({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out,
              AllOf(HasSubstr("Examples:"), HasSubstr("Exit codes:"), HasSubstr("our reading")));
  for (const char* command : {"derive", "wave", "vectors", "health", "capabilities", "selftest"}) {
    EXPECT_THAT(help.out, HasSubstr(command));
    const Outcome of_command = run_rekeyctl({command, "--help"});
    EXPECT_EQ(of_command.exit_code, 0);
    EXPECT_THAT(of_command.out, HasSubstr("Example"));
  }
  EXPECT_EQ(run_rekeyctl({"--version"}).out, "rekeyctl " REKEY_VERSION "\n");
}

TEST(Rekeyctl, WrongUsageIsOneLineAndTwo) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"nonsense"},
                                                    {"wave", "--count", "many"},
                                                    {"wave", "--nonsense"},
                                                    {"wave", "--scenario", "plane"},
                                                    {"wave", "--out", "wave.txt"},
                                                    {"vectors", "--profile", "17m"},
                                                    {"health", "--server", "nohost"}}) {
    const Outcome run = run_rekeyctl(arguments);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    EXPECT_THAT(run.err, HasSubstr("rekeyctl: "));
  }
}

TEST(Rekeyctl, AServerThatIsNotThereHasAHintAndFive) {
  const std::string hint =
      "rekeyctl: cannot reach 127.0.0.1:1: is rekeyd running? (rekeyctl health)\n";
  for (const std::string command : {"health", "capabilities", "selftest"}) {
    const Outcome run = run_rekeyctl({command, "--server", kNobody});
    EXPECT_EQ(run.exit_code, 5) << command;
    EXPECT_EQ(run.err, hint);
  }
  const std::string ams = run_rekeyctl({"wave", "--count", "20000"}).out;
  for (const std::string rpc : {"stream", "batch", "rows"}) {
    const Outcome run = run_rekeyctl(
        {"derive", "--server", kNobody, "--rpc", rpc, "--in", "-", "--format", "jsonl"}, ams);
    EXPECT_EQ(run.exit_code, 5) << rpc;
    EXPECT_EQ(run.err, hint);
  }
}

TEST(Rekeyctl, KeysCrossANetworkOnlyWhenAskedByName) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"health"},
                                                    {"capabilities"},
                                                    {"selftest"},
                                                    {"derive", "--in", "x.csv"}}) {
    std::vector<std::string> remote = arguments;
    remote.insert(remote.end(), {"--server", "192.0.2.1:7316"});
    const Outcome run = run_rekeyctl(remote);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr("or add --insecure"));
  }
}

TEST(Rekeyctl, CapabilitiesOfThisProcess) {
  const json capabilities = json::parse(run_rekeyctl({"capabilities", "--local", "--json"}).out);
  EXPECT_EQ(capabilities["default_profile"], "16m-draft");
  ASSERT_EQ(capabilities["profiles"].size(), 3U);
  EXPECT_EQ(capabilities["profiles"][0]["published_answers"], false);
  EXPECT_EQ(capabilities["profiles"][2]["published_answers"], true);
  std::size_t preferred = 0;
  for (const json& engine : capabilities["engines"]) {
    preferred += engine["preferred"] == true ? 1 : 0;
    if (engine["name"] == "openssl") {
      EXPECT_EQ(engine["state"], "serving");
    }
  }
  EXPECT_EQ(preferred, 1U);
  EXPECT_THAT(run_rekeyctl({"capabilities", "--local"}).out,
              AllOf(HasSubstr("our reading of its source"), HasSubstr("openssl")));
}

TEST(Rekeyctl, SelfTestOfThisProcess) {
  const Outcome run = run_rekeyctl({"selftest", "--local"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, AllOf(HasSubstr("good  openssl   legacy-16e/2"), HasSubstr("published"),
                             HasSubstr("our reading"), HasSubstr("known answers are right"),
                             Not(HasSubstr("BAD"))));
}

TEST(Rekeyctl, WaveIsReadByDeriveInBothFormats) {
  for (const std::string format : {"csv", "jsonl"}) {
    for (const std::string profile : {"16m-draft", "16m-published", "legacy-16e"}) {
      const std::string wave = run_rekeyctl({"wave", "--scenario", "train", "--count", "50",
                                             "--profile", profile, "--format", format})
                                   .out;
      const Outcome run = run_rekeyctl(
          {"derive", "--local", "--profile", profile, "--in", "-", "--format", format, "--verify"},
          wave);
      EXPECT_EQ(run.exit_code, 0) << run.err;
      EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 50);
      EXPECT_THAT(run.out, HasSubstr("\"reference\":\"synthetic/train/1/50\""));
    }
  }
}

TEST(Rekeyctl, WaveHasTheScenariosNumberUnlessToldOtherwise) {
  const auto lines = [](const std::vector<std::string>& arguments) {
    const std::string out = run_rekeyctl(arguments).out;
    return std::count(out.begin(), out.end(), '\n');
  };
  EXPECT_EQ(lines({"wave", "--scenario", "train"}), 1'000);
  EXPECT_EQ(lines({"wave", "--scenario", "train", "--count", "0"}), 0);
  EXPECT_EQ(lines({"wave", "--count", "7", "--format", "csv"}), 8);
}

TEST(Rekeyctl, VectorsAreJsonAndDoNotClaimConformance) {
  const TempFolder folder;
  const Outcome run =
      run_rekeyctl({"vectors", "--cases", "2", "--out", folder.path("vectors.json")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const json vectors = json::parse(folder.read("vectors.json"));
  EXPECT_EQ(vectors["cases"].size(), 3U);
  EXPECT_THAT(std::string(vectors["standing"]), HasSubstr("not conformance vectors"));
}

TEST(Rekeyctl, AReaderWhoLeavesEndsItQuietly) {
  // The shell's `head` reads one line of many and goes.
  const TempFolder folder;
  const std::string command = std::string(REKEYCTL) + " wave --count 20000 2>" +
                              folder.path("err") + " | head -n 1 >" + folder.path("out");
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_THAT(folder.read("out"), HasSubstr("synthetic/abs-outage/1/1"));
  EXPECT_EQ(folder.read("err"), "");
}

}  // namespace
}  // namespace rekey::ctl
