// SPDX-License-Identifier: Apache-2.0
//
// The program as a user meets it: its output and its exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bench/rekey_bench_process.h"
#include "rekey/engines.h"

namespace {

using nlohmann::json;
using rekey::bench::Finished;
using rekey::bench::run_rekey_bench;
using testing::HasSubstr;

void expect_summary(const json& summary) {
  EXPECT_GT(summary.at("min"), 0);
  EXPECT_LE(summary.at("min"), summary.at("median"));
  EXPECT_LE(summary.at("median"), summary.at("max"));
}

void expect_measured(const json& contender, const std::set<std::string>& measured) {
  expect_summary(contender.at("ams_per_second"));
  std::set<std::string> compared;
  for (const auto& [name, ratio] : contender.at("ratio_to").items()) {
    compared.insert(name);
    expect_summary(ratio);
  }
  EXPECT_EQ(compared, measured);
  EXPECT_EQ(contender.contains("share_of_bound"), contender.contains("bound_instruction"));
  if (contender.contains("share_of_bound")) expect_summary(contender.at("share_of_bound"));
  EXPECT_FALSE(contender.contains("reason"));
}

std::set<std::string> names_of_measured(const json& profile) {
  std::set<std::string> names;
  for (const json& contender : profile.at("contenders")) {
    if (contender.at("outcome") == "measured") names.insert(contender.at("name"));
  }
  return names;
}

TEST(RekeyBench, EnginesWritesJsonForEveryProfileAndEngine) {
  const Finished run = run_rekey_bench("engines --json --ams 33 --seconds 0.005");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const json report = json::parse(run.output);
  EXPECT_EQ(report.at("benchmark"), "engines");
  EXPECT_FALSE(report.at("machine").at("cpu").get<std::string>().empty());
  EXPECT_EQ(report.at("threads"), 1);
  EXPECT_EQ(report.at("ams_per_batch"), 33);
  EXPECT_EQ(report.at("sas_per_ams"), 1);
  EXPECT_EQ(report.at("teks_per_sa"), 2);
  EXPECT_EQ(report.at("rounds"), 5);
  EXPECT_EQ(report.at("baseline"), "openssl-loop");
  std::set<std::string> profiles;
  for (const json& profile : report.at("profiles")) {
    profiles.insert(profile.at("profile"));
    EXPECT_EQ(profile.at("contenders").at(0).at("name"), "openssl-loop");
    std::set<std::string> names;
    for (const json& contender : profile.at("contenders")) {
      names.insert(contender.at("name"));
      if (contender.at("outcome") == "measured") {
        expect_measured(contender, names_of_measured(profile));
      } else {
        EXPECT_EQ(contender.at("outcome"), "unavailable");
        EXPECT_FALSE(contender.at("reason").get<std::string>().empty());
      }
    }
    EXPECT_EQ(names, (std::set<std::string>{"openssl-loop", "openssl-reused", "openssl-ecb",
                                            "ipsec-mb", "ipsec-mb-cbc", "openssl-referee",
                                            "openssl", "simd", "cuda"}));
    for (const json& bound : profile.at("bounds")) {
      expect_summary(bound.at("block_rounds_per_second"));
      const double an_ams = 10 * (profile.at("aes_blocks_per_ams").get<double>() +
                                  profile.at("key_schedules_per_ams").get<double>());
      EXPECT_DOUBLE_EQ(bound.at("ams_per_second").at("median"),
                       bound.at("block_rounds_per_second").at("median").get<double>() / an_ams);
    }
  }
  EXPECT_EQ(profiles, (std::set<std::string>{"16m-draft", "16m-published", "legacy-16e"}));
}

TEST(RekeyBench, EnginesMeasuresEveryTargetWhenAsked) {
  const Finished run =
      run_rekey_bench("engines --json --ams 5 --seconds 0.005 --profile legacy-16e --all-targets");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const json report = json::parse(run.output);
  ASSERT_EQ(report.at("profiles").size(), 1U);
  const std::set<std::string> measured = names_of_measured(report.at("profiles").at(0));
  for (std::string_view target : rekey::simd_targets()) {
    EXPECT_TRUE(measured.contains("simd_" + std::string(target))) << target;
  }
}

TEST(RekeyBench, EnginesPrintsATableNamingTheMachine) {
  const Finished run = run_rekey_bench("engines --ams 3 --seconds 0.005 --profile 16m-draft");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("machine  "));
  EXPECT_THAT(run.output, HasSubstr("3 AMSs"));
  EXPECT_THAT(run.output, HasSubstr("rounds   5"));
  EXPECT_THAT(run.output, HasSubstr("16m-draft"));
  for (const char* heading : {"openssl-loop", "x base", "x ipsec-mb", "of bound"}) {
    EXPECT_THAT(run.output, HasSubstr(heading));
  }
}

TEST(RekeyBench, EnginesGivesTheThreadsToSimdAloneAndToItsBound) {
  const Finished run =
      run_rekey_bench("engines --json --threads 2 --ams 4096 --seconds 0.005 --profile 16m-draft");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const json report = json::parse(run.output);
  EXPECT_EQ(report.at("threads"), 2);
  const json& profile = report.at("profiles").at(0);
  for (const json& contender : profile.at("contenders")) {
    const std::string description = contender.at("description");
    const bool has_threads = description.find("2 threads") != std::string::npos;
    const bool is_measured = contender.at("outcome") == "measured";
    EXPECT_EQ(has_threads, contender.at("name") == "simd" && is_measured) << description;
    if (is_measured) {
      EXPECT_TRUE(contender.at("ratio_to").contains("simd-1-thread"));
    }
  }
  for (const json& bound : profile.at("bounds")) {
    EXPECT_EQ(bound.contains("ratio_to_one_thread"), bound.at("threads") == 2);
  }
}

TEST(RekeyBench, EnginesPrintsTheThreadsOfSimd) {
  const Finished run = run_rekey_bench("engines --threads 2 --ams 16 48 --seconds 0.005");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("simd on 2 threads"));
}

TEST(RekeyBench, EnginesComparesSizesOfBatch) {
  const Finished run =
      run_rekey_bench("engines --json --ams 3 1024 40 --seconds 0.005 --profile legacy-16e");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const json report = json::parse(run.output);
  EXPECT_EQ(report.at("benchmark"), "engines-sweep");
  EXPECT_EQ(report.at("threads"), 1);
  EXPECT_EQ(report.at("relative_to"), 1024);
  ASSERT_EQ(report.at("profiles").size(), 1U);
  const json& contenders = report.at("profiles").at(0).at("contenders");
  ASSERT_EQ(contenders.size(), 1U);
  EXPECT_EQ(contenders.at(0).at("name"), "simd");
  std::vector<int> sizes;
  for (const json& size : contenders.at(0).at("sizes")) {
    sizes.push_back(size.at("ams_per_batch"));
    expect_summary(size.at("ams_per_second"));
    expect_summary(size.at("cost_ratio"));
  }
  EXPECT_EQ(sizes, (std::vector<int>{3, 1024, 40}));
}

TEST(RekeyBench, EnginesPrintsATableOfSizes) {
  const Finished run =
      run_rekey_bench("engines --ams 16 48 --seconds 0.005 --profile 16m-published --all-targets");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("a batch of 48"));
  for (std::string_view target : rekey::simd_targets()) {
    EXPECT_THAT(run.output, HasSubstr("simd_" + std::string(target)));
  }
}

TEST(RekeyBench, GpuSaysWhyThereIsNothingToMeasureAndExitsWithThree) {
  const std::string reason = rekey::make_cuda_engine()->unavailable_reason();
  if (reason.empty()) GTEST_SKIP() << "this machine has a GPU";
  const Finished run = run_rekey_bench("gpu --json");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.output, "rekey-bench gpu: nothing to measure: " + reason + "\n");
}

TEST(RekeyBench, WrongCommandLinesExitWithTwoAndSayWhatIsWrong) {
  for (const auto& [arguments, complaint] : {
           std::pair{"", "subcommand"},
           std::pair{"engine", "subcommand"},
           std::pair{"engines --profile 16n", "--profile"},
           std::pair{"engines --target AVX9", "--target"},
           std::pair{"engines --ams 0", "--ams"},
           std::pair{"engines --ams 1048577", "--ams"},
           std::pair{"engines --ams 16 0", "--ams"},
           std::pair{"engines --sweep --ams 16", "--sweep"},
           std::pair{"engines --seconds -1", "--seconds"},
           std::pair{"engines --threads 0", "--threads"},
           std::pair{"gpu --ams 0", "--ams"},
           std::pair{"gpu --profile 16n", "--profile"},
       }) {
    const Finished run = run_rekey_bench(arguments);
    EXPECT_EQ(run.exit_code, 2) << arguments;
    EXPECT_THAT(run.output, HasSubstr(complaint));
  }
}

TEST(RekeyBench, HelpExitsWithZero) {
  EXPECT_EQ(run_rekey_bench("--help").exit_code, 0);
  const Finished run = run_rekey_bench("engines --help");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output, HasSubstr("--all-targets"));
}

}  // namespace
