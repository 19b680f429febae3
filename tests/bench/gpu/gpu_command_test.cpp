// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench gpu` on a device, or on a program that stands in for one.
#include "gpu/gpu_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "rekey/engines.h"

namespace rekey::bench {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class RekeyBenchGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto engine = make_cuda_engine();
    stands_in_ = engine->description().starts_with("ptxrun");
    const std::string reason = engine->unavailable_reason();
    if (reason.empty()) return;
    ASSERT_EQ(std::getenv("REKEY_EXPECT_DEVICE"), nullptr) << reason;
    GTEST_SKIP() << reason;
  }

  /// Runs the subcommand; what it prints is in `output_`.
  int run(const std::string& arguments) {
    CLI::App app;
    int exit_code = -1;
    add_gpu_command(&app, &exit_code);
    ::testing::internal::CaptureStdout();
    app.parse("gpu " + arguments);
    output_ = ::testing::internal::GetCapturedStdout();
    return exit_code;
  }

  bool stands_in_ = false;
  std::string output_;
};

TEST_F(RekeyBenchGpu, TimesEveryWayAndWritesJson) {
  ASSERT_EQ(run("--json --ams 200 3 --seconds 0.01"), 0) << output_;
  const json report = json::parse(output_);
  EXPECT_EQ(report.at("benchmark"), "gpu");
  EXPECT_EQ(report.at("from_device"), !stands_in_);
  EXPECT_FALSE(report.at("device").get<std::string>().empty());
  ASSERT_EQ(report.at("profiles").size(), 3U);
  for (const json& profile : report.at("profiles")) {
    std::vector<std::string> names;
    for (const json& way : profile.at("ways")) {
      names.push_back(way.at("name"));
      EXPECT_EQ(way.at("outcome"), "measured");
      ASSERT_EQ(way.at("sizes").size(), 2U);
      EXPECT_EQ(way.at("sizes").at(0).at("ams_per_batch"), 3);
      EXPECT_EQ(way.at("sizes").at(1).at("ams_per_batch"), 200);
      EXPECT_GT(way.at("sizes").at(1).at("ams_per_second").at("min"), 0);
    }
    EXPECT_THAT(names, ::testing::ElementsAre("simd", "copies", "kernel", "cuda", "cuda-pinned",
                                              "cuda-resident"));
  }
}

TEST_F(RekeyBenchGpu, PrintsTheCrossoverAndWhoseFiguresTheyAre) {
  ASSERT_EQ(run("--ams 40 --seconds 0.01 --profile 16m-draft"), 0) << output_;
  EXPECT_THAT(output_, HasSubstr("device   "));
  EXPECT_THAT(output_, HasSubstr("cuda-resident is "));
  EXPECT_THAT(output_, HasSubstr(" than simd "));
  EXPECT_EQ(output_.find("NOT FROM A DEVICE") != std::string::npos, stands_in_);
}

}  // namespace
}  // namespace rekey::bench
