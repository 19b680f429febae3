// SPDX-License-Identifier: Apache-2.0
//
// Loads over gRPC against the null server.
#include "load/grpc_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <memory>

#include "load/generator.h"
#include "load/null_server.h"

namespace rekey::bench::load {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class GrpcLinkTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(NullServer::start(&server_), Status());
    targets_.addresses = {server_->address()};
    scenario_.warm_up = 0ms;
    scenario_.measured = 400ms;
    scenario_.arrivals = Even{250};
    scenario_.ams_per_request = Distribution({{1, 20, 1}});
    scenario_.sas_per_ams = Distribution({{0, 3, 1}});
    scenario_.profiles = Distribution({{0, 2, 1}});
    scenario_.callers = Distribution({{1, 3, 1}});
    scenario_.verified_share = 0;
  }

  Counts run() {
    EXPECT_EQ(RequestPool::make(scenario_, &pool_), Status());
    const auto open = [&](Listener* listener, std::unique_ptr<Link>* out_link) {
      std::unique_ptr<GrpcLink> link;
      Status status = GrpcLink::open(targets_, scenario_, *pool_, listener, &link);
      *out_link = std::move(link);
      return status;
    };
    Counts counts;
    EXPECT_EQ(run_load(scenario_, *pool_, open, {}, &counts), Status());
    return counts;
  }

  std::unique_ptr<NullServer> server_;
  Targets targets_;
  Scenario scenario_;
  std::unique_ptr<RequestPool> pool_;
};

constexpr Method kAllMethods[] = {Method::kRows, Method::kColumns, Method::kStream};

TEST_F(GrpcLinkTest, EveryMethodAnswersEveryRequest) {
  for (const Method method : kAllMethods) {
    scenario_.method = method;
    const Counts counts = run();
    EXPECT_EQ(counts.answered, 100U) << to_string(method) << ' ' << counts.first_error;
    EXPECT_EQ(counts.failed_ams, 0U);
    EXPECT_EQ(counts.wrong, 0U) << counts.first_wrong;
    EXPECT_GT(counts.answered_ams, 500U);
  }
}

TEST_F(GrpcLinkTest, SharesRequestsAmongTargets) {
  std::unique_ptr<NullServer> other;
  ASSERT_EQ(NullServer::start(&other), Status());
  targets_.addresses.push_back(other->address());
  for (const Method method : kAllMethods) {
    scenario_.method = method;
    EXPECT_EQ(run().answered, 100U);
  }
  other.reset();  // every second request has nobody to go to
  scenario_.timeout = 2s;
  scenario_.method = Method::kColumns;
  const Counts counts = run();
  EXPECT_EQ(counts.answered, 50U);
  EXPECT_EQ(counts.errors.at("UNAVAILABLE"), 50U);
  EXPECT_THAT(counts.first_error, HasSubstr("connect"));
}

TEST_F(GrpcLinkTest, StreamsThatCannotBeOpenedFailTheirRequests) {
  server_.reset();
  scenario_.method = Method::kStream;
  const Counts counts = run();
  EXPECT_EQ(counts.answered, 0U);
  EXPECT_EQ(counts.errors.at("UNAVAILABLE"), 100U);
}

TEST_F(GrpcLinkTest, FindsThatTheNullServersKeysAreWrong) {
  scenario_.verified_share = 1;
  for (const Method method : kAllMethods) {
    scenario_.method = method;
    const Counts counts = run();
    EXPECT_GE(counts.wrong, 1U);
    EXPECT_THAT(counts.first_wrong, HasSubstr("expected what OpenSSL derives"));
  }
}

TEST_F(GrpcLinkTest, RequestsHaveNoMoreTimeThanTheScenarioGives) {
  scenario_.measured = 60ms;
  scenario_.timeout = 50ms;
  server_->stall(Clock::now(), 1s);
  const Counts counts = run();
  EXPECT_EQ(counts.errors.at("DEADLINE_EXCEEDED"), counts.due);
}

/// A server that stands still for 200 ms. In open loop every request that becomes due meanwhile
/// waits for what is left of them, and the percentiles say so; in closed loop the one request under
/// way waits, and all others are never asked.
TEST_F(GrpcLinkTest, OpenLoopShowsAStallThatClosedLoopHides) {
  constexpr auto kStall = 200ms;
  constexpr double kRate = 500;
  scenario_.arrivals = Even{kRate};
  scenario_.measured = 1'500ms;
  scenario_.callers = Distribution(1);
  server_->stall(Clock::now() + 500ms, kStall);
  const Counts open = run();
  ASSERT_EQ(open.answered, 750U);
  // Of the requests due in the stall, those that came with t left of it waited for at least t: the
  // share 1 - q of all that waited longest came in the first (1 - q) * 1.5 s of it. Two requests
  // are allowed for where the stall begins between them, a thousandth for the histogram.
  for (const double q : {0.95, 0.99, 0.999}) {
    const std::chrono::duration<double> least = kStall - (1 - q) * 1.5s - 2s / kRate;
    EXPECT_GE(open.latency.quantile(q), least) << q;
  }
  EXPECT_GE(open.latency.count_above(100ms), 48U);  // 100 ms at 500 a second, less two

  scenario_.arrivals = Closed{1};
  scenario_.measured = 1'000ms;
  server_->stall(Clock::now() + 500ms, kStall);
  const Counts closed = run();
  ASSERT_GE(closed.latency.max(), 100ms);
  // However loaded the machine is: one second has no room for more, one after the other.
  EXPECT_LE(closed.latency.count_above(100ms), 10U);
  std::cout << "p99.9 in open loop: " << open.latency.quantile(0.999).count() * 1e-6
            << " ms; in closed loop: " << closed.latency.quantile(0.999).count() * 1e-6
            << " ms. Waited for more than 100 ms: " << open.latency.count_above(100ms) << " of "
            << open.answered << "; in closed loop: " << closed.latency.count_above(100ms) << " of "
            << closed.answered << '\n';
  EXPECT_GE(static_cast<double>(open.latency.count_above(100ms)) / open.answered,
            4 * static_cast<double>(closed.latency.count_above(100ms)) / closed.answered);
}

}  // namespace
}  // namespace rekey::bench::load
