// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench load` as a user meets it, with the real rekeyd and with one whose keys are wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bench/rekey_bench_process.h"
#include "service/certificates.h"
#include "service/server_process.h"

namespace rekey::bench {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using namespace std::chrono_literals;

const std::string kScenarios = REKEY_SCENARIOS "/";

class RekeyBenchLoad : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const Status status =
        ServerProcess::start(REKEYD, {"--listen", "127.0.0.1:0", "--contexts-store", "memory"},
                             std::nullopt, 60s, &rekeyd_);
    ASSERT_TRUE(status.ok()) << status.message();
  }
  static void TearDownTestSuite() { rekeyd_.reset(); }

  static Finished load(const std::string& scenario, const std::string& arguments,
                       const std::string& address = rekeyd_->address()) {
    return run_rekey_bench("load " + scenario + " --server " + address + " " + arguments);
  }

  /// Runs a scenario and returns its JSON, without what was said on standard error before it.
  static json load_json(const std::string& scenario, const std::string& arguments) {
    const Finished run = load(scenario, "--json " + arguments);
    EXPECT_EQ(run.exit_code, 0) << run.output;
    return json::parse(run.output.substr(std::min(run.output.find('{'), run.output.size())));
  }

  /// A scenario of the test's own.
  static std::string written(const std::string& text) {
    static int files = 0;
    const std::string path = testing::TempDir() + "load-" + std::to_string(getpid()) + "-" +
                             std::to_string(++files) + ".yaml";
    std::ofstream(path) << "name: own\nsource: this test\n" << text;
    return path;
  }

  static std::unique_ptr<ServerProcess> rekeyd_;
};

std::unique_ptr<ServerProcess> RekeyBenchLoad::rekeyd_;

TEST_F(RekeyBenchLoad, MeasuresTheOneAbsOutageAndReadsTheServersMetrics) {
  const json report = load_json(kScenarios + "one-abs-outage.yaml", "--seconds 1 --warm-up 0.2");
  EXPECT_EQ(report.at("benchmark"), "load");
  EXPECT_EQ(report.at("scenario").at("loop"), "open");
  EXPECT_FALSE(report.at("machine").at("cpu").get<std::string>().empty());
  EXPECT_FALSE(report.at("build").at("version").get<std::string>().empty());
  EXPECT_EQ(report.at("requests").at("due"), 256);
  EXPECT_EQ(report.at("requests").at("answered"), 256) << report.at("first_error");
  EXPECT_EQ(report.at("ams").at("answered"), 4'096);
  EXPECT_EQ(report.at("ams").at("failed"), 0);
  EXPECT_EQ(report.at("verification").at("wrong"), 0);
  const json& latency = report.at("latency_seconds");
  EXPECT_EQ(latency.at("count"), 256);
  EXPECT_GT(latency.at("p50"), 0);
  EXPECT_LE(latency.at("p50"), latency.at("p99.99"));
  EXPECT_LE(latency.at("p99.99"), latency.at("max"));
  EXPECT_GE(latency.at("max"), report.at("from_sent_seconds").at("max"));
  const json& server = report.at("servers").at(0);
  EXPECT_FALSE(server.at("engines").empty());
  ASSERT_FALSE(server.at("metrics").is_null()) << server.at("no_metrics");
  EXPECT_GE(server.at("metrics").at("batches"), 1);
  EXPECT_GE(server.at("metrics").at("batch_ams").at("mean"), 16);
}

TEST_F(RekeyBenchLoad, VerifiesEveryAnswerOfEveryMethodAndProfile) {
  for (const char* method : {"rows", "columns", "stream", "contexts"}) {
    const json report = load_json(
        written(std::string("method: ") + method +
                "\narrivals: {poisson: {per_second: 200}}\ncallers: {uniform: [1, 3]}\n"
                "ams_per_request: {uniform: [1, 9]}\nsas_per_ams: {uniform: [0, 3]}\n"
                "profiles: {16m-draft: 1, 16m-published: 1, legacy-16e: 1}\nverified_share: 1\n"
                "warm_up_seconds: 0\nmeasured_seconds: 0.3\n"),
        "");
    EXPECT_GT(report.at("requests").at("due"), 20);
    EXPECT_EQ(report.at("verification").at("answers"), report.at("requests").at("due")) << method;
    EXPECT_EQ(report.at("verification").at("wrong"), 0);
    EXPECT_EQ(report.at("errors"), json::object());
  }
}

TEST_F(RekeyBenchLoad, HandsTheSameAmssOverAgainAndAgain) {
  // 512 groups, most of which are asked for several times; a second run removes what is left.
  const std::string scenario = written(
      "method: contexts\narrivals: {even: {per_second: 2000}}\nams_per_request: 2\n"
      "verified_share: 0.1\nwarm_up_seconds: 0\nmeasured_seconds: 0.7\ntimeout_seconds: 60\n");
  for (int run = 0; run < 2; ++run) {
    const json report = load_json(scenario, "");
    EXPECT_EQ(report.at("requests").at("answered"), 1'400);
    EXPECT_EQ(report.at("ams").at("failed"), 0);
    EXPECT_EQ(report.at("errors"), json::object());
  }
}

TEST_F(RekeyBenchLoad, SharesRequestsAmongServersUnderTls) {
  std::unique_ptr<Certificates> certificates;
  ASSERT_TRUE(Certificates::make(&certificates).ok());
  const RunTls& tls = certificates->files();
  std::vector<std::unique_ptr<ServerProcess>> servers(2);
  std::string arguments = "--tls-cert " + tls.client.cert + " --tls-key " + tls.client.key +
                          " --tls-ca " + tls.client.ca;
  for (auto& server : servers) {
    const Status status = ServerProcess::start(
        REKEYD,
        {"--listen", "127.0.0.1:0", "--tls-cert", tls.server.cert, "--tls-key", tls.server.key,
         "--tls-ca", tls.server.ca, "--allow-derive", tls.client_name, "--allow-operate",
         tls.client_name, "--allow-contexts", tls.client_name, "--contexts-store", "memory"},
        std::nullopt, 60s, &server);
    ASSERT_TRUE(status.ok()) << status.message();
    arguments += " --server " + server->address();
  }
  for (const char* method : {"columns", "contexts"}) {
    const Finished run = run_rekey_bench(
        "load --json " + arguments + " " +
        written(std::string("method: ") + method +
                "\narrivals: {even: {per_second: 100}}\ncallers: {uniform: [1, 3]}\n"
                "ams_per_request: 200\nverified_share: 1\nwarm_up_seconds: 0\n"
                "measured_seconds: 0.5\n"));
    ASSERT_EQ(run.exit_code, 0) << run.output;
    const json report = json::parse(run.output);
    EXPECT_TRUE(report.at("tls"));
    EXPECT_EQ(report.at("requests").at("answered"), 50) << report.at("first_error");
    ASSERT_EQ(report.at("servers").size(), 2U);
    for (const json& server : report.at("servers")) {
      ASSERT_FALSE(server.at("metrics").is_null()) << server.at("no_metrics");
      EXPECT_GE(server.at("metrics").at("batches"), 10);
    }
  }
}

TEST_F(RekeyBenchLoad, FindsScenariosByName) {
  const json report = load_json("one-abs-outage", "--seconds 0.3 --warm-up 0");
  EXPECT_EQ(report.at("scenario").at("name"), "one-abs-outage");
  EXPECT_EQ(report.at("requests").at("answered"), 256);
}

TEST_F(RekeyBenchLoad, SaysNothingOfItsProgressWhereNobodyLooks) {
  const Finished run = load("poisson", "--seconds 1.2 --warm-up 0 --json");
  EXPECT_TRUE(run.output.starts_with('{')) << run.output;
}

TEST_F(RekeyBenchLoad, OneWrongKeyFailsTheRun) {
  std::unique_ptr<ServerProcess> echo;
  ASSERT_TRUE(ServerProcess::start(REKEY_BENCH, {"echo-server"}, std::nullopt, 60s, &echo).ok());
  const Finished run = load(written("arrivals: {even: {per_second: 100}}\nverified_share: 1\n"),
                            "--seconds 600", echo->address());
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, HasSubstr("a wrong answer: "));
  EXPECT_THAT(run.output, HasSubstr("no metrics: "));
}

TEST_F(RekeyBenchLoad, SaysThatClosedLoopIsClosed) {
  const Finished run =
      load(written("arrivals: {closed: {in_flight: 2}}\n"), "--seconds 0.2 --warm-up 0");
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("in CLOSED loop"));
}

TEST_F(RekeyBenchLoad, FindsTheKneeOfTheServerAndItsOwn) {
  // Everything keeps a minute, nothing a microsecond.
  const std::string scenario = written("arrivals: {even: {per_second: 20}}\nwarm_up_seconds: 0\n");
  const Finished none = load(scenario, "--find-knee --seconds 0.05 --p99-ms 0.001 --repeats 2");
  EXPECT_EQ(none.exit_code, 0) << none.output;
  EXPECT_THAT(none.output, HasSubstr("no rate kept p99 within 0.001 ms"));
  EXPECT_THAT(none.output, HasSubstr("medians of 2 runs at each rate"));
  const json own = load_json(scenario, "--self-test --seconds 0.1 --p99-ms 2000");
  EXPECT_EQ(own.at("benchmark"), "load-self-test");
  EXPECT_DOUBLE_EQ(own.at("p99_at_most_seconds"), 0.2);
  EXPECT_TRUE(own.at("servers").empty());
  EXPECT_GE(own.at("curve").size(), 2U);
  EXPECT_GE(own.at("knee").at("due_per_second"), 20);
  EXPECT_EQ(own.at("knee").at("unanswered"), 0);
}

TEST_F(RekeyBenchLoad, SaysWhatIsWrong) {
  const std::string scenario = kScenarios + "poisson.yaml";
  for (const auto& [arguments, complaint] : {
           std::pair{std::string("load"), "scenario"},
           std::pair{std::string("load /nowhere.yaml"), "/nowhere.yaml: expected a scenario"},
           std::pair{"load " + written("arrivals: {even: {per_second: 1}}\nrate: 1\n"),
                     "rate: expected one of"},
           std::pair{"load " + scenario + " --server 192.0.2.1:7316", "--insecure"},
           std::pair{"load " + scenario + " --tls-cert x", "--tls-key"},
           std::pair{"load " + scenario + " --speed 2 --find-knee", "--speed"},
           std::pair{"load " + written("arrivals: {closed: {in_flight: 1}}\n") + " --self-test",
                     "expected an open loop"},
           std::pair{std::string("load handover-contexts --self-test"), "method: expected rows"},
       }) {
    const Finished run = run_rekey_bench(arguments);
    EXPECT_EQ(run.exit_code, 2) << arguments << '\n' << run.output;
    EXPECT_THAT(run.output, HasSubstr(complaint));
  }
}

TEST(RekeyBenchOverload, OffersMoreThanTheServerCanAndSaysWhatBecameOfIt) {
  const Finished run = run_rekey_bench("overload --json --rounds 1 --seconds 0.5");
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const json report = json::parse(run.output);
  EXPECT_EQ(report.at("benchmark"), "overload");
  EXPECT_GT(report.at("overload").at("peak_ams_per_second").at("median"), 0);
  EXPECT_GT(report.at("overload").at("offered_ratio").at("median"), 1);
  EXPECT_EQ(report.at("overload").at("other_errors"), 0) << report.at("overload");
  EXPECT_GT(report.at("flood").at("flooded_p99_seconds").at("median"), 0);
  EXPECT_EQ(report.at("bars").size(), 6U);
}

TEST_F(RekeyBenchLoad, SaysThatNobodyIsThere) {
  const Finished run = load(kScenarios + "poisson.yaml", "", "127.0.0.1:1");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, HasSubstr("cannot reach 127.0.0.1:1"));
}

}  // namespace
}  // namespace rekey::bench
