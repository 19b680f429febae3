// SPDX-License-Identifier: Apache-2.0
#include "rpc/status.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace rekey::rpc {
namespace {

using scheduler::Admission;
using scheduler::Outcome;

TEST(Refusal, HasTheCodeThatCallersActOn) {
  EXPECT_EQ(refusal({Admission::kQueueFull, 1}).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refusal({Admission::kCallerFull, 1}).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refusal({Admission::kRateLimited, 1}).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refusal({Admission::kTooLarge}).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refusal({Admission::kTooLate}).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(refusal({Admission::kDraining}).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(refusal({Admission::kNoEngine, 1}).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(Refusal, SaysWhenToTryAgainWhereThatMakesSense) {
  google::rpc::Status details;
  ASSERT_TRUE(
      details.ParseFromString(refusal({Admission::kCallerFull, 2'000'500}).error_details()));
  google::rpc::RetryInfo retry;
  ASSERT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.RetryInfo");
  ASSERT_TRUE(details.details(0).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 2);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000);
  for (Admission admission : {Admission::kTooLarge, Admission::kTooLate, Admission::kDraining}) {
    EXPECT_TRUE(refusal({admission}).error_details().empty());
  }
}

TEST(EndedStatus, HasTheCodeThatCallersActOn) {
  EXPECT_TRUE(ended(Outcome::kDone).ok());
  EXPECT_EQ(ended(Outcome::kCancelled).error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(ended(Outcome::kExpired).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(ended(Outcome::kFailed).error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(ended(Outcome::kNoEngine).error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace rekey::rpc
