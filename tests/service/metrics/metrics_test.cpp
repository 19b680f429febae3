// SPDX-License-Identifier: Apache-2.0
#include "metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "metrics/names.h"

namespace rekey::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Nobody final : public rpc::Origin {
 public:
  [[nodiscard]] std::string caller() const override { return "MARKER"; }
  [[nodiscard]] std::string traceparent() const override { return "MARKER"; }
};

const Nobody kNobody;

rpc::CallRecord call(grpc::StatusCode code) {
  rpc::CallRecord record{.rpc = "KeyDerivation.Derive",
                         .origin = &kNobody,
                         .profile = Profile::k16mDraft,
                         .items = 10,
                         .failed = 3,
                         .code = code,
                         .message = "MARKER",
                         .served = {},
                         .duration_us = 1500};
  record.served.engine = "simd";
  record.served.queue_us = 300;
  return record;
}

class MetricsTest : public ::testing::Test {
 protected:
  MetricsTest() {
    load_.waiting_requests = 4;
    load_.held = {.requests = 5, .items = 700, .octets = 9'000};
    load_.callers = 2;
    load_.engines = {{.name = "simd", .serves = true}, {.name = "cuda"}};
    load_.engines[0].costs[0] = scheduler::CostModel(10, 0.5);
    metrics_.observe({.engines = [this] { return engines_; },
                      .load = [this] { return load_; },
                      .open_calls = [] { return 6; },
                      .certificate_expiry = {}});
  }

  [[nodiscard]] std::string scrape() const { return metrics_.text(); }

  std::vector<dispatch::EngineStatus> engines_ = {
      {"simd", "", dispatch::EngineState::kServing, "", true},
      {"openssl", "", dispatch::EngineState::kRefused, "it lied", false}};
  dispatch::Load load_;
  Metrics metrics_{"1.2.3"};
};

TEST_F(MetricsTest, CallsAreCountedByRpcProfileAndCode) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(metrics_.answering(call(grpc::StatusCode::OK)).ok());
  EXPECT_TRUE(metrics_.answering(call(grpc::StatusCode::RESOURCE_EXHAUSTED)).ok());
  const std::string text = scrape();
  EXPECT_THAT(text, HasSubstr("rekeyd_requests_total{code=\"OK\",profile=\"16m-draft\","
                              "rpc=\"KeyDerivation.Derive\"} 3"));
  EXPECT_THAT(text, HasSubstr("rekeyd_requests_total{code=\"RESOURCE_EXHAUSTED\","
                              "profile=\"16m-draft\",rpc=\"KeyDerivation.Derive\"} 1"));
  EXPECT_THAT(text, HasSubstr("rekeyd_rejections_total{cause=\"overload\"} 1"));
  EXPECT_THAT(text, HasSubstr("rekeyd_items_total{outcome=\"derived\",profile=\"16m-draft\"} 21"));
  EXPECT_THAT(text, HasSubstr("rekeyd_items_total{outcome=\"failed\",profile=\"16m-draft\"} 9"));
  EXPECT_THAT(text, HasSubstr("rekeyd_request_seconds_count{rpc=\"KeyDerivation.Derive\"} 4"));
  EXPECT_THAT(text, HasSubstr("rekeyd_queue_age_seconds_sum{engine=\"simd\","
                              "profile=\"16m-draft\"} 0.0009"));
}

TEST_F(MetricsTest, BatchesAreCountedByEngineAndProfile) {
  metrics_.derived({.engine = "simd",
                    .profile = Profile::kLegacy16e,
                    .items = 100,
                    .verified = 2,
                    .engine_us = 50,
                    .ok = true});
  metrics_.derived({.engine = "simd", .profile = Profile::kLegacy16e, .items = 100, .ok = false});
  const std::string text = scrape();
  EXPECT_THAT(text, HasSubstr("rekeyd_batch_items_bucket{engine=\"simd\",profile=\"legacy-16e\","
                              "le=\"256\"} 1"));
  EXPECT_THAT(text,
              HasSubstr("rekeyd_batch_items_count{engine=\"simd\",profile=\"legacy-16e\"} 1"));
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_seconds_sum{engine=\"simd\","
                              "profile=\"legacy-16e\"} 5e-05"));
  EXPECT_THAT(text, HasSubstr("rekeyd_verified_items_total{engine=\"simd\","
                              "profile=\"legacy-16e\"} 2"));
  EXPECT_THAT(text, HasSubstr("rekeyd_failed_batches_total{engine=\"simd\","
                              "profile=\"legacy-16e\"} 1"));
}

TEST_F(MetricsTest, EnginesAreAskedAtEveryScrape) {
  std::string text = scrape();
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_serving{engine=\"simd\"} 1"));
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_preferred{engine=\"simd\"} 1"));
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_refused{engine=\"openssl\"} 1"));
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_quarantines_total{engine=\"simd\"} 0"));
  EXPECT_THAT(text, HasSubstr("rekeyd_queued_requests 4"));
  EXPECT_THAT(text, HasSubstr("rekeyd_held_requests 5\n"));
  EXPECT_THAT(text, HasSubstr("rekeyd_held_items 700\n"));
  EXPECT_THAT(text, HasSubstr("rekeyd_held_octets 9000\n"));
  EXPECT_THAT(text, HasSubstr("rekeyd_open_calls 6\n"));
  EXPECT_THAT(text, HasSubstr("rekeyd_callers 2"));
  const std::string first(to_string(kAllProfiles[0]));
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_batch_cost_seconds{engine=\"simd\",profile=\"" +
                              first + "\"} 1e-05"));
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_item_cost_seconds{engine=\"simd\",profile=\"" + first +
                              "\"} 5e-07"));
  EXPECT_THAT(text, Not(HasSubstr("cost_seconds{engine=\"cuda\"")));
  EXPECT_THAT(text, HasSubstr("rekeyd_build_info{version=\"1.2.3\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("rekeyd_certificate_expiry")));
  engines_[0].state = dispatch::EngineState::kRefused;
  metrics_.quarantined("simd");
  text = scrape();
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_serving{engine=\"simd\"} 0"));
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_quarantines_total{engine=\"simd\"} 1"));
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_returns_total{engine=\"simd\"} 0"));
  engines_[0].state = dispatch::EngineState::kServing;
  metrics_.returned("simd");
  text = scrape();
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_serving{engine=\"simd\"} 1"));
  EXPECT_THAT(text, HasSubstr("rekeyd_engine_returns_total{engine=\"simd\"} 1"));
}

TEST_F(MetricsTest, EveryCauseIsThereFromTheStart) {
  const std::string text = scrape();
  for (const Cause& cause : kCauses) {
    EXPECT_THAT(text, HasSubstr("cause=\"" + std::string(cause.name) + "\"} 0"));
  }
  metrics_.refused_at_the_door();
  EXPECT_THAT(scrape(), HasSubstr("rekeyd_rejections_total{cause=\"role\"} 1"));
}

TEST_F(MetricsTest, NothingThatACallerWritesIsALabel) {
  EXPECT_TRUE(metrics_.answering(call(grpc::StatusCode::INTERNAL)).ok());
  EXPECT_THAT(scrape(), Not(HasSubstr("MARKER")));
}

TEST(Names, AreThoseOfGrpc) {
  EXPECT_EQ(name_of(grpc::StatusCode::OK), "OK");
  EXPECT_EQ(name_of(grpc::StatusCode::UNAUTHENTICATED), "UNAUTHENTICATED");
  EXPECT_EQ(name_of(grpc::StatusCode::RESOURCE_EXHAUSTED), "RESOURCE_EXHAUSTED");
  EXPECT_EQ(name_of(static_cast<grpc::StatusCode>(99)), "UNKNOWN");
  EXPECT_EQ(cause_of(grpc::StatusCode::ABORTED), "other");
}

}  // namespace
}  // namespace rekey::metrics
