// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench report` as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "bench/rekey_bench_process.h"
#include "bench/report/load_result.h"

namespace rekey::bench::report {
namespace {

using testing::HasSubstr;

std::string file_with(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name + std::to_string(getpid());
  std::ofstream(path) << text;
  return path;
}

TEST(RekeyBenchReport, WritesAPage) {
  const std::string result = file_with("result", load_result().dump());
  const std::string page = testing::TempDir() + "page" + std::to_string(getpid());
  const Finished run = run_rekey_bench("report " + result + " --html " + page);
  EXPECT_EQ(run.exit_code, 0) << run.output;
  std::stringstream html;
  html << std::ifstream(page).rdbuf();
  EXPECT_THAT(html.str(), HasSubstr("<title>Load: poisson</title>"));
  EXPECT_EQ(run_rekey_bench("report " + result + " --html /nowhere/page").exit_code, 1);
  unlink(page.c_str());
  unlink(result.c_str());
}

TEST(RekeyBenchReport, SaysWhatIsNoResult) {
  const std::string no_json = file_with("no-json", "latency: 3");
  const Finished run = run_rekey_bench("report " + no_json + " --html /nowhere/page");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.output, HasSubstr(no_json + ": expected JSON"));
  unlink(no_json.c_str());
}

TEST(RekeyBenchCompare, SaysWhetherThereIsADifference) {
  Json slower = load_result();
  slower["latency_seconds"]["p99"] = 0.02;
  const std::string a = file_with("a", load_result().dump());
  const std::string b = file_with("b", slower.dump());
  const Finished same = run_rekey_bench("compare " + a + " " + a);
  EXPECT_EQ(same.exit_code, 0);
  EXPECT_THAT(same.output, HasSubstr("No difference shown."));
  const std::string page = testing::TempDir() + "page" + std::to_string(getpid());
  const Finished other =
      run_rekey_bench("compare --a " + a + " " + a + " --b " + b + " " + b + " --html " + page);
  EXPECT_EQ(other.exit_code, 0);
  EXPECT_THAT(other.output, HasSubstr("latency p99 (ms): B is higher: worse by +400 %"));
  std::stringstream html;
  html << std::ifstream(page).rdbuf();
  EXPECT_THAT(html.str(), HasSubstr("latency p99 (ms): B is higher: worse by +400 %"));
  for (const std::string& path : {a, b, page}) unlink(path.c_str());
}

TEST(RekeyBenchCompare, SaysWhatItNeeds) {
  EXPECT_EQ(run_rekey_bench("compare").exit_code, 2);
  EXPECT_EQ(run_rekey_bench("compare --a x.json").exit_code, 2);
  const Finished nowhere = run_rekey_bench("compare /nowhere/a.json /nowhere/b.json");
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_THAT(nowhere.output, HasSubstr("/nowhere/a.json: expected a result"));
}

}  // namespace
}  // namespace rekey::bench::report
