// SPDX-License-Identifier: Apache-2.0
#include "load/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rekey::bench::load {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

const std::string kLeast = "name: a\nsource: us\narrivals: {even: {per_second: 10}}\n";

Status parse(const std::string& text, Scenario* out_scenario) {
  return parse_scenario(text, "x.yaml", out_scenario);
}

TEST(Scenario, ReadsEveryField) {
  Scenario scenario;
  ASSERT_EQ(parse(R"(
name: storm
source: clause 7
method: stream
arrivals: {waves: {requests: 256, window_ms: 27.5, every_ms: 1000}}
callers: {uniform: [1, 6]}
ams_per_request: {weights: {1: 3, 64: 1}}
sas_per_ams: 2
profiles: {16m-draft: 3, legacy-16e: 1}
warm_up_seconds: 0.5
measured_seconds: 4
timeout_seconds: 0.0275
verified_share: 1
seed: 18446744073709551615
)",
                  &scenario),
            Status());
  EXPECT_EQ(scenario.name, "storm");
  EXPECT_EQ(scenario.source, "clause 7");
  EXPECT_EQ(scenario.method, Method::kStream);
  EXPECT_EQ(std::get<Waves>(scenario.arrivals).window_ms, 27.5);
  EXPECT_EQ(scenario.caller_count(), 6U);
  EXPECT_DOUBLE_EQ(scenario.ams_per_request.mean(), 16.75);
  EXPECT_EQ(scenario.sas_per_ams.max(), 2U);
  EXPECT_EQ(kAllProfiles[scenario.profiles.max()], Profile::kLegacy16e);
  EXPECT_EQ(scenario.warm_up, 500ms);
  EXPECT_EQ(scenario.measured, 4s);
  EXPECT_EQ(scenario.timeout, 28ms);
  EXPECT_EQ(scenario.verified_share, 1);
  EXPECT_EQ(scenario.seed, UINT64_MAX);
  EXPECT_TRUE(scenario.open_loop());
}

TEST(Scenario, NamesClosedLoopAsSuch) {
  Scenario scenario;
  ASSERT_EQ(parse("name: a\nsource: us\narrivals: {closed: {in_flight: 4}}\n", &scenario),
            Status());
  EXPECT_FALSE(scenario.open_loop());
  EXPECT_EQ(name_of(scenario.arrivals), "closed");
}

TEST(Scenario, NamesTheFieldWhatWasExpectedAndFound) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "a map, found nothing"},
      {"name: a\nsource: us\n", "arrivals: expected a value, found nothing"},
      {kLeast + "rate: 5\n", "rate: expected one of ams_per_request, arrivals, callers"},
      {kLeast + "seed: 1\nseed: 2\n", "seed: expected once, found twice"},
      {kLeast + "seed: -1\n", "seed: expected a whole number from 0 to 18446744073709551615, fo"},
      {kLeast + "seed: 1.5\n", "found '1.5'"},
      {kLeast + "method: soap\n",
       "method: expected rows, columns, stream or contexts, found 'soap'"},
      {kLeast + "callers: 0\n", "callers: expected a whole number from 1 to 1024, found '0'"},
      {kLeast + "callers: {uniform: [6, 1]}\n", "callers.uniform[1]: expected a whole number from"},
      {kLeast + "callers: {uniform: 6}\n", "callers.uniform: expected [LOW, HIGH], found '6'"},
      {kLeast + "callers: {zipf: 1}\n", "callers.zipf: expected one of uniform, weights, found an"},
      {kLeast + "callers: {weights: {1: 0}}\n", "callers.weights: expected a weight above 0"},
      {kLeast + "callers: {weights: {2000: 1}}\n", "callers.weights.2000: expected a whole number"},
      {kLeast + "ams_per_request: 65537\n", "ams_per_request: expected a whole number from 1 to 6"},
      {kLeast + "method: contexts\nams_per_request: 8193\n",
       "a whole number from 1 to 8192, found"},
      {kLeast + "method: contexts\nsas_per_ams: 33\n", "a whole number from 0 to 32, found '33'"},
      {kLeast + "profiles: 16n\n", "profiles: expected one of 16m-draft, 16m-published, legacy-1"},
      {kLeast + "profiles: {16n: 1}\n", "profiles.16n: expected one of 16m-draft"},
      {kLeast + "verified_share: 1.01\n", "verified_share: expected a number from 0 to 1, found"},
      {kLeast + "verified_share: nan\n", "found 'nan'"},
      {kLeast + "measured_seconds: [1]\n", "measured_seconds: expected a number from 0.05 to 60"},
      {kLeast + "callers: [1\n", "expected YAML, found: "},
      {"name: a\nsource: us\narrivals: even\n", "arrivals: expected a map, found 'even'"},
      {"name: a\nsource: us\narrivals: {even: {}}\n", "arrivals.even.per_second: expected a value"},
      {"name: a\nsource: us\narrivals: {even: {per_second: 1, x: 1}}\n", "arrivals.even.x: expect"},
      {"name: a\nsource: us\narrivals: {even: {per_second: 1}, closed: {in_flight: 1}}\n",
       "arrivals: expected one of bursts, closed, even"},
      {"name: a\nsource: us\narrivals: {waves: {requests: 1, window_ms: 5, every_ms: 4}}\n",
       "arrivals.waves.every_ms: expected a number from 5 to"},
      {"name: a\nsource: us\narrivals: {replay: {file: none.txt}}\n",
       "arrivals.replay.file: none.txt: expected a file of arrivals"},
  };
  for (const auto& [text, complaint] : cases) {
    Scenario scenario;
    scenario.name = "as before";
    const Status status = parse(text, &scenario);
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << text;
    EXPECT_THAT(status.message(), HasSubstr(complaint)) << text;
    EXPECT_THAT(status.message(), HasSubstr("x.yaml:")) << text;
    EXPECT_EQ(scenario.name, "as before");
  }
}

TEST(Scenario, AllThatAreDeliveredAreRightAndSayWhereTheirNumbersComeFrom) {
  std::size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(REKEY_SCENARIOS)) {
    if (file.path().extension() != ".yaml") continue;
    ++seen;
    Scenario scenario;
    ASSERT_EQ(read_scenario(file.path(), &scenario), Status());
    EXPECT_EQ(scenario.name, file.path().stem());
    EXPECT_GT(scenario.source.size(), 60U);
    EXPECT_TRUE(scenario.open_loop()) << scenario.name;
  }
  EXPECT_EQ(seen, 8U);
}

TEST(Scenario, TheOneAbsOutageIsTheSpecificationsWave) {
  Scenario scenario;
  ASSERT_EQ(read_scenario(REKEY_SCENARIOS "/one-abs-outage.yaml", &scenario), Status());
  const auto waves = std::get<Waves>(scenario.arrivals);
  EXPECT_EQ(waves.requests * scenario.ams_per_request.mean(), 4'096);
  EXPECT_EQ(waves.window_ms, 27.5);
}

}  // namespace
}  // namespace rekey::bench::load
