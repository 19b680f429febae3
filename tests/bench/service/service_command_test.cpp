// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench service` as a user meets it: with the real rekeyd, and with ones that fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/rekey_bench_process.h"

namespace {

using nlohmann::json;
using rekey::bench::Finished;
using rekey::bench::run_rekey_bench;
using testing::HasSubstr;

Finished service(const std::string& arguments) { return run_rekey_bench("service " + arguments); }

/// A program that stands in for rekeyd, removed at the end.
class StandIn {
 public:
  explicit StandIn(const std::string& command)
      : path_(testing::TempDir() + "stand-in-" + std::to_string(getpid())) {
    std::ofstream(path_) << "#!/bin/sh\n" << command << '\n';
    chmod(path_.c_str(), S_IRWXU);
  }
  ~StandIn() { unlink(path_.c_str()); }
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(RekeyBenchService, MeasuresEveryShapeAndChecksEveryKey) {
  const Finished run = service("--json --seconds 0.01 --rekeyd " REKEYD);
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const json report = json::parse(run.output);
  EXPECT_EQ(report.at("benchmark"), "service");
  EXPECT_EQ(report.at("verify"), "sampled");
  std::map<std::string, json> shapes;
  for (const json& shape : report.at("shapes")) {
    EXPECT_TRUE(shapes.emplace(shape.at("shape"), shape).second);
    for (const json& server : shape.at("servers")) {
      EXPECT_GT(server.at("ams_per_second").at("min"), 0);
      EXPECT_GT(server.at("cpu_seconds_per_message").at("max"), 0);
      EXPECT_GT(server.at("rekeyd_ratio").at("min"), 0);
    }
    for (const json& bar : shape.at("bars")) EXPECT_GT(bar.at("ratio").at("min"), 0);
  }
  EXPECT_EQ(shapes.size(), 12U);
  EXPECT_EQ(shapes.at("rows-4096").at("servers").at(2).at("name"), "arena");
  EXPECT_GT(shapes.at("lone").at("servers").at(0).at("p99_seconds").at("min"), 0);
  EXPECT_EQ(shapes.at("wave-64x64").at("callers"), 64);
}

TEST(RekeyBenchService, MeasuresTheShapeThatIsNamedAndPrintsATable) {
  const Finished run = service("--shape lone --seconds 0.01 --rekeyd " REKEYD);
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("p50 at most 1.15: "));
  EXPECT_THAT(run.output, testing::Not(HasSubstr("stream-1")));
}

TEST(RekeyBenchService, MeasuresUnderTls) {
  const Finished run =
      service("--tls --json --shape lone --shape stream-4096 --seconds 0.01 --rekeyd " REKEYD);
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const json report = json::parse(run.output);
  EXPECT_EQ(report.at("tls"), true);
  EXPECT_EQ(report.at("shapes").size(), 2U);
}

TEST(RekeyBenchService, SaysThatThereIsNoRekeyd) {
  const Finished run = service("--rekeyd /nowhere/rekeyd");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, HasSubstr("cannot run /nowhere/rekeyd"));
}

TEST(RekeyBenchService, SaysWhyRekeydDoesNotStart) {
  const StandIn rekeyd("exec " REKEYD " --engine none");
  const Finished run = service("--rekeyd " + rekeyd.path());
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, HasSubstr("ended with 2, and had written: --engine"));
}

TEST(RekeyBenchService, FindsWrongKeys) {
  const StandIn rekeyd("exec " REKEY_BENCH " echo-server");
  for (const char* shape : {"lone", "stream-1", "unary-256"}) {
    const Finished run =
        service(std::string("--seconds 0.01 --shape ") + shape + " --rekeyd " + rekeyd.path());
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.output, HasSubstr("expected OpenSSL's keys, found others"));
  }
}

TEST(RekeyBenchService, SaysThatRekeydDied) {
  const StandIn rekeyd("exec timeout --signal KILL 3 " REKEYD " \"$@\"");
  const Finished run = service("--seconds 600 --shape unary-256 --rekeyd " + rekeyd.path());
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, HasSubstr("was ended by: Killed"));
}

TEST(RekeyBenchService, RefusesAnUnknownShape) { EXPECT_EQ(service("--shape round").exit_code, 2); }

}  // namespace
