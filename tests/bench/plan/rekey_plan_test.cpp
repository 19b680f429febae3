// SPDX-License-Identifier: Apache-2.0
//
// rekey-plan as a user meets it: with stored profiles, and measuring this machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "bench/rekey_bench_process.h"

namespace rekey::bench {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kStored = REKEY_PLAN_DATA "/";

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class RekeyPlan : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const std::string folder_ = testing::TempDir() + "rekey-plan-" + std::to_string(getpid());
};

TEST_F(RekeyPlan, PlansWithStoredProfiles) {
  std::filesystem::create_directories(folder_);
  const Finished run =
      run_program(REKEY_PLAN, "network " + kStored + "network.yaml --machine " + kStored +
                                  "machine.json " + kStored + "gpu_model.json --json " + folder_ +
                                  "/plan.json --html " + folder_ + "/plan.html");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("H100 (modelled)"));
  EXPECT_THAT(run.output, HasSubstr("Simulated against measured"));
  const json plan = json::parse(text_of(folder_ + "/plan.json"));
  EXPECT_EQ(plan.at("benchmark"), "plan");
  EXPECT_EQ(plan.at("machines").at(0).at("cases").size(), 4U);
  EXPECT_EQ(plan.at("validation").size(), 1U);
  const std::string page = text_of(folder_ + "/plan.html");
  EXPECT_THAT(page, HasSubstr("Servers needed"));
  // The page carries the JSON.
  EXPECT_THAT(page, HasSubstr("\"governing\""));
}

TEST_F(RekeyPlan, TakesRunsOfOneLoadInSeveralFilesTogether) {
  std::filesystem::create_directories(folder_);
  const std::string machine = kStored + "machine.json";
  const std::string found = folder_ + "/validation.json";
  const Finished run =
      run_program(REKEY_PLAN, "validate --machine " + machine + " " + machine + " --json " + found);
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const json validation = json::parse(text_of(found));
  ASSERT_EQ(validation.size(), 1U);
  EXPECT_EQ(validation.at(0).at("runs"), 2);
}

TEST_F(RekeyPlan, FindsNetworksByName) {
  const Finished run =
      run_program(REKEY_PLAN, "network one-abs-outage --machine " + kStored + "machine.json");
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("one-abs-outage"));
}

TEST_F(RekeyPlan, SaysWhatIsWrong) {
  const std::string network = kStored + "network.yaml";
  const std::string machine = kStored + "machine.json";
  for (const auto& [arguments, complaint] : {
           std::pair{std::string(), "subcommand is required"},
           std::pair{"network " + network, "--machine"},
           std::pair{"network " + machine + " --machine " + machine, "name: expected"},
           std::pair{"network " + network + " --machine " + network, "expected JSON"},
           std::pair{"network " + network + " --machine " + kStored + "gpu.json",
                     "expected a machine with results of rekey-bench load"},
           std::pair{"validate --machine " + machine + " --load " + kStored + "gpu.json",
                     "scenario.name: expected one of the scenarios given"},
       }) {
    const Finished run = run_program(REKEY_PLAN, arguments);
    EXPECT_EQ(run.exit_code, 2) << arguments << '\n' << run.output;
    EXPECT_THAT(run.output, HasSubstr(complaint)) << arguments;
  }
}

TEST_F(RekeyPlan, MeasuresThisMachineAndPlans) {
  const Finished run = run_program(REKEY_PLAN, "measure " REKEY_NETWORKS
                                               "/one-abs-outage.yaml --seconds 0.1 --rounds 1 "
                                               "--out " +
                                                   folder_);
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const json plan = json::parse(text_of(folder_ + "/plan.json"));
  EXPECT_EQ(plan.at("network").at("name"), "one-abs-outage");
  EXPECT_EQ(plan.at("validation").size(), 3U);
  const json machine = json::parse(text_of(folder_ + "/machine.json"));
  for (const json& load : machine.at("loads")) EXPECT_GT(load.at("server_cpu_seconds"), 0);
  EXPECT_EQ(machine.at("rests").size(), 4U);
  const json waking = plan.at("machines").at(0).at("costs").at("waking").at("points");
  EXPECT_EQ(waking.size(), 5U);
  EXPECT_EQ(waking.at(4).at("rest_seconds"), 0.256);
  EXPECT_GT(waking.at(4).at("seconds"), 0);
  // Nothing is left but what was said to be written.
  const std::filesystem::directory_iterator files(folder_);
  EXPECT_EQ(std::distance(begin(files), end(files)), 3);
}

}  // namespace
}  // namespace rekey::bench
