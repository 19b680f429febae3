// SPDX-License-Identifier: Apache-2.0
//
// The run, the crossover and the report, on ways that need no device.
#include "gpu/gpu_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <memory_resource>
#include <string>
#include <vector>

#include "gpu/engine_ways.h"
#include "gpu/gpu_report.h"
#include "rekey/engines.h"
#include "support/engine_doubles.h"

namespace rekey::bench {
namespace {

const Plan kShort = {3, std::chrono::microseconds(200)};

GpuLine line_with_ratios(const std::vector<double>& ratios) {
  GpuLine line;
  std::uint32_t ams = 1;
  for (double ratio : ratios) {
    line.points.push_back({ams, {1, 1, 1}, {ratio, ratio, ratio}});
    ams *= 10;
  }
  return line;
}

TEST(Crossover, IsTheSizeFromWhichOnAllAreFaster) {
  EXPECT_EQ(crossover(line_with_ratios({0.1, 0.9, 1.1, 3})), 100U);
  EXPECT_EQ(crossover(line_with_ratios({2, 3})), 1U);
  EXPECT_EQ(crossover(line_with_ratios({0.5, 2, 0.9, 2})), 1000U) << "not where it fell back";
  EXPECT_EQ(crossover(line_with_ratios({2, 2, 1})), std::nullopt) << "as fast is not faster";
  EXPECT_EQ(crossover(line_with_ratios({})), std::nullopt);
}

class GpuRun : public ::testing::Test {
 protected:
  const std::unique_ptr<Engine> simd_ = make_simd_engine();
  std::pmr::memory_resource* const memory_ = std::pmr::new_delete_resource();
};

TEST_F(GpuRun, TimesEveryWayAtEverySize) {
  const std::vector<WayKind> ways = {end_to_end("simd", "here", *simd_, memory_),
                                     by_handles("cuda-resident", "by handles", *simd_, memory_)};
  const std::vector<std::uint32_t> sizes = {1, 33, 400};
  for (Profile profile : kAllProfiles) {
    const GpuProfileReport report = run_gpu(profile, sizes, kShort, ways);
    EXPECT_TRUE(report.good()) << report.lines[1].reason;
    ASSERT_EQ(report.lines.size(), 2U);
    for (const GpuLine& line : report.lines) {
      ASSERT_EQ(line.points.size(), sizes.size());
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        EXPECT_EQ(line.points[i].ams, sizes[i]);
        EXPECT_GT(line.points[i].ams_per_second.min, 0);
      }
    }
    EXPECT_EQ(report.lines[0].points[0].ratio.median, 1);
  }
}

TEST_F(GpuRun, CountsTheOctetsOfAnAms) {
  const std::vector<WayKind> ways = {end_to_end("simd", "here", *simd_, memory_)};
  const std::vector<std::uint32_t> sizes = {7};
  const auto octets = [&](Profile profile) {
    return run_gpu(profile, sizes, kShort, ways).ams_octets;
  };
  EXPECT_EQ(octets(Profile::k16mDraft).in, 44U);
  EXPECT_EQ(octets(Profile::k16mDraft).resident_in, 12U);
  EXPECT_EQ(octets(Profile::k16mDraft).out, 98U);
  EXPECT_EQ(octets(Profile::kLegacy16e).in, 35U);
  EXPECT_EQ(octets(Profile::kLegacy16e).out, 76U);
}

TEST_F(GpuRun, EndsAtAWrongKey) {
  test::FlippingEngine wrong(make_simd_engine(), {KeyKind::kCmacKeyD, 2});
  const std::vector<WayKind> ways = {end_to_end("simd", "here", *simd_, memory_),
                                     end_to_end("cuda", "wrong", wrong, memory_)};
  const std::vector<std::uint32_t> sizes = {1, 5, 9};
  const GpuProfileReport report = run_gpu(Profile::k16mDraft, sizes, kShort, ways);
  EXPECT_FALSE(report.good());
  ASSERT_NE(report.line("cuda"), nullptr);
  EXPECT_EQ(report.line("cuda")->outcome, Outcome::kMismatch);
  EXPECT_EQ(report.line("cuda")->reason, "cmac_key_d of a batch of 5 differ from OpenSSL's");
  EXPECT_EQ(report.line("cuda")->points.size(), 1U) << "the size before was timed";
  const std::string text = to_text({{}, "none", true, {report}});
  EXPECT_THAT(text, ::testing::HasSubstr("mismatch: cmac_key_d"));
}

TEST_F(GpuRun, EndsAtAFailure) {
  test::FailingEngine failing;
  const std::vector<WayKind> ways = {end_to_end("simd", "here", *simd_, memory_),
                                     end_to_end("cuda", "fails", failing, memory_)};
  const std::vector<std::uint32_t> sizes = {1};
  const GpuProfileReport report = run_gpu(Profile::k16mDraft, sizes, kShort, ways);
  EXPECT_FALSE(report.good());
  EXPECT_EQ(report.line("cuda")->outcome, Outcome::kFailed);
  EXPECT_EQ(report.line("cuda")->reason, "out of order");
  EXPECT_EQ(report.line("copies"), nullptr);
}

TEST_F(GpuRun, GivesTheCrossoverOfWhatRunsEndToEndAlone) {
  GpuProfileReport profile;
  for (const char* name : {"simd", "kernel", "cuda"}) {
    profile.lines.push_back(line_with_ratios({0.5, 2}));
    profile.lines.back().name = name;
  }
  const GpuReport report = {{}, "a device", false, {profile}};
  const Json json = to_json(report);
  EXPECT_EQ(json.at("from_device"), false);
  const Json& ways = json.at("profiles").at(0).at("ways");
  EXPECT_FALSE(ways.at(0).contains("crossover_ams"));
  EXPECT_FALSE(ways.at(1).contains("crossover_ams"));
  EXPECT_EQ(ways.at(2).at("crossover_ams"), 10);
  const std::string text = to_text(report);
  EXPECT_THAT(text, ::testing::HasSubstr("cuda is faster than simd from 10 AMSs a batch on"));
  EXPECT_THAT(text, ::testing::HasSubstr("NOT FROM A DEVICE"));
}

}  // namespace
}  // namespace rekey::bench
