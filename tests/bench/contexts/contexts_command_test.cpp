// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench contexts` as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/rekey_bench_process.h"

namespace {

using rekey::bench::Finished;
using rekey::bench::run_rekey_bench;

Finished contexts(const std::string& arguments) {
  return run_rekey_bench("contexts --rekeyd " REKEYD " " + arguments);
}

TEST(RekeyBenchContexts, MeasuresEveryWayAndLeavesNothingBehind) {
  const std::string folder = testing::TempDir() + "bench-contexts";
  std::filesystem::create_directory(folder);
  const Finished run = contexts("--json --ams 40 --requests 3 --directory " + folder);
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const auto report = nlohmann::json::parse(run.output);
  EXPECT_EQ(report.at("benchmark"), "contexts");
  EXPECT_EQ(report.at("ams_per_request"), 40);
  EXPECT_EQ(report.at("requests"), 3);
  std::map<std::string, nlohmann::json> ways;
  for (const auto& way : report.at("ways")) {
    EXPECT_TRUE(ways.emplace(way.at("name"), way).second);
    EXPECT_GT(way.at("p50_seconds"), 0);
    EXPECT_GE(way.at("p99_seconds"), way.at("p50_seconds"));
    EXPECT_GE(way.at("p999_seconds"), way.at("p99_seconds"));
    EXPECT_GT(way.at("ams_per_second"), 0);
    EXPECT_GT(way.at("server_cpu_seconds").at("min"), 0);
  }
  EXPECT_EQ(ways.size(), 4U);
  EXPECT_GT(ways.at("rocksdb").at("times_batch").at("min"), 0);
  EXPECT_EQ(ways.at("batch").at("times_batch").at("max"), 1);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove(folder);
}

TEST(RekeyBenchContexts, PrintsATable) {
  const Finished run = contexts("--ams 10 --requests 2");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, testing::HasSubstr("10 AMSs of 16m-draft"));
  EXPECT_THAT(run.output, testing::HasSubstr("  rocksdb "));
}

TEST(RekeyBenchContexts, SaysThatNothingCanBeWritten) {
  const Finished run = contexts("--directory /nowhere");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, testing::HasSubstr("--directory /nowhere: cannot make a folder there"));
}

TEST(RekeyBenchContexts, RefusesMoreAmssThanARequestMayHave) {
  EXPECT_EQ(contexts("--ams 8193").exit_code, 2);
}

}  // namespace
