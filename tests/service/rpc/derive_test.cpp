// SPDX-License-Identifier: Apache-2.0
//
// Derive and DeriveBatch through a real connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/support/running_server.h"
#include "wire/limits.h"

namespace rekey::rpc {
namespace {

using test::RunningServer;
using ::testing::HasSubstr;

constexpr v1::Profile kProfiles[] = {v1::PROFILE_16M_DRAFT, v1::PROFILE_16M_PUBLISHED,
                                     v1::PROFILE_LEGACY_16E};

grpc::Status derive(RunningServer& server, const v1::DeriveRequest& request,
                    v1::DeriveResponse* response) {
  grpc::ClientContext context;
  return server.keys->Derive(&context, request, response);
}

grpc::Status derive_batch(RunningServer& server, const v1::DeriveBatchRequest& request,
                          v1::DeriveBatchResponse* response) {
  grpc::ClientContext context;
  return server.keys->DeriveBatch(&context, request, response);
}

TEST(Derive, ReturnsTheKnownAnswersInRows) {
  RunningServer server;
  for (v1::Profile profile : kProfiles) {
    v1::DeriveResponse response;
    ASSERT_TRUE(derive(server, test::known_rows(profile, 2), &response).ok());
    EXPECT_EQ(response.profile(), profile);
    ASSERT_EQ(response.items_size(), 2);
    for (const v1::AmsKeys& keys : response.items()) {
      EXPECT_EQ(keys.code(), 0);
      EXPECT_EQ(keys.ak(), test::known_ak(profile));
    }
    EXPECT_EQ(response.items(1).reference(), "ams-1");
    EXPECT_EQ(response.served().engine(), "fast");
    EXPECT_EQ(response.served().batch_items(), 2U);
  }
}

TEST(Derive, ABadRowFailsAlone) {
  RunningServer server;
  v1::DeriveRequest request = test::known_rows(v1::PROFILE_16M_DRAFT, 3);
  request.mutable_items(1)->mutable_pmk()->pop_back();
  v1::DeriveResponse response;
  ASSERT_TRUE(derive(server, request, &response).ok());
  EXPECT_EQ(response.items(0).ak(), test::known_ak(v1::PROFILE_16M_DRAFT));
  EXPECT_EQ(response.items(1).code(), 3);
  EXPECT_EQ(response.items(1).message(), "pmk: expected 20 octets, found 19");
  EXPECT_EQ(response.items(2).ak(), test::known_ak(v1::PROFILE_16M_DRAFT));
}

TEST(Derive, OnlyBadRowsNeedNoEngine) {
  RunningServer server;
  server.fast->derivations = 0;
  v1::DeriveRequest request = test::known_rows(v1::PROFILE_16M_DRAFT);
  request.mutable_items(0)->clear_pmk();
  v1::DeriveResponse response;
  ASSERT_TRUE(derive(server, request, &response).ok());
  EXPECT_EQ(response.items(0).code(), 3);
  EXPECT_EQ(server.fast->derivations, 0);
}

TEST(Derive, MalformedAsAWholeIsInvalidArgument) {
  RunningServer server;
  v1::DeriveRequest request = test::known_rows(static_cast<v1::Profile>(42));
  v1::DeriveResponse response;
  const grpc::Status status = derive(server, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "profile: expected a known profile (0 to 3), found 42");
}

TEST(DeriveBatch, ReturnsTheKnownAnswersInColumns) {
  RunningServer server(dispatch::Verify::kAll);
  for (v1::Profile profile : kProfiles) {
    v1::DeriveBatchRequest request = test::known_columns(profile, 5);
    request.set_sequence(12);
    v1::DeriveBatchResponse response;
    ASSERT_TRUE(derive_batch(server, request, &response).ok());
    EXPECT_EQ(response.profile(), profile);
    EXPECT_EQ(response.sequence(), 12U);
    EXPECT_EQ(response.codes(), std::string(5, '\0'));
    EXPECT_EQ(response.ak().substr(4 * kAkOctets), test::known_ak(profile));
    EXPECT_TRUE(response.served().verified());
    test::expect_right(request, response);
  }
}

grpc::Status call_with_no_message(RunningServer& server, const char* method) {
  const grpc::Slice octets("no message");
  const grpc::ByteBuffer request(&octets, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  return grpc::internal::BlockingUnaryCall(
      server.channel.get(),
      grpc::internal::RpcMethod(method, grpc::internal::RpcMethod::NORMAL_RPC), &context, request,
      &response);
}

TEST(DeriveBatch, OctetsThatAreNoMessageAreInvalid) {
  RunningServer server;
  const grpc::Status columns = call_with_no_message(server, "/rekey.v1.KeyDerivation/DeriveBatch");
  EXPECT_EQ(columns.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(columns.error_message(), HasSubstr("expected a DeriveBatchRequest"));
  const grpc::Status rows = call_with_no_message(server, "/rekey.v1.KeyDerivation/Derive");
  EXPECT_EQ(rows.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(rows.error_message(), HasSubstr("expected a DeriveRequest"));
}

TEST(DeriveBatch, EveryVariantAndEdgyShapesAreRight) {
  RunningServer server;
  std::uint64_t seed = 0;
  for (const test::Variant& variant : test::all_variants()) {
    for (std::uint32_t count : {1, 2, 33}) {
      test::BatchShape shape;
      shape.variant = variant;
      shape.count = count;
      shape.shared_bsid = count == 33;
      shape.sas = static_cast<test::SaShape>(count % 3);
      shape.bad_percent = 10;
      const v1::DeriveBatchRequest request =
          test::to_wire(test::BatchColumns::random(shape, ++seed));
      v1::DeriveBatchResponse response;
      ASSERT_TRUE(derive_batch(server, request, &response).ok());
      test::expect_right(request, response);
    }
  }
}

TEST(DeriveBatch, CountZeroIsAnEmptyAnswer) {
  RunningServer server;
  v1::DeriveBatchRequest request;
  request.set_sequence(3);
  v1::DeriveBatchResponse response;
  ASSERT_TRUE(derive_batch(server, request, &response).ok());
  EXPECT_EQ(response.sequence(), 3U);
  EXPECT_EQ(response.count(), 0U);
  EXPECT_EQ(response.profile(), v1::PROFILE_16M_DRAFT);
}

TEST(DeriveBatch, MalformedAsAWholeIsInvalidArgument) {
  RunningServer server;
  v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT, 3);
  request.mutable_pmk()->push_back('x');
  v1::DeriveBatchResponse response;
  const grpc::Status status = derive_batch(server, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "pmk: expected 60 octets (3 x 20) or 20 octets for all, found 21 octets");
}

TEST(DeriveBatch, AMessageOverTheLimitIsRefusedAndTheServerLivesOn) {
  RunningServer server;
  v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
  request.set_saids(std::string(wire::kMaxRequestMessageOctets, 'x'));
  v1::DeriveBatchResponse response;
  const grpc::Status status = derive_batch(server, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("67108864"));

  request = test::known_columns(v1::PROFILE_16M_DRAFT);
  EXPECT_TRUE(derive_batch(server, request, &response).ok());
}

TEST(DeriveBatch, AFullQueueIsResourceExhausted) {
  RunningServer server(dispatch::Verify::kOff, {.queue_requests = 2});
  server.close_gate();
  const v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
  const auto call = [&] {
    v1::DeriveBatchResponse response;
    return derive_batch(server, request, &response).error_code();
  };
  auto in_engine = std::async(std::launch::async, call);
  server.gate.wait_for_arrivals(1);
  auto queued = std::async(std::launch::async, call);
  ASSERT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 1; }));
  v1::DeriveBatchRequest malformed = request;
  malformed.clear_pmk();
  for (const v1::DeriveBatchRequest& refused : {request, malformed}) {
    v1::DeriveBatchResponse response;
    const grpc::Status status = derive_batch(server, refused, &response);
    // Also what is malformed: it is not even looked at.
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    google::rpc::Status details;
    ASSERT_TRUE(details.ParseFromString(status.error_details()));
    EXPECT_EQ(details.code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    google::rpc::RetryInfo retry;
    ASSERT_EQ(details.details_size(), 1);
    ASSERT_TRUE(details.details(0).UnpackTo(&retry));
    EXPECT_GE(retry.retry_delay().nanos(), 1'000'000);
  }
  server.gate.open();
  EXPECT_EQ(in_engine.get(), grpc::StatusCode::OK);
  EXPECT_EQ(queued.get(), grpc::StatusCode::OK);
}

TEST(DeriveBatch, AClientThatGivesUpLeavesTheQueue) {
  RunningServer server;
  server.close_gate();
  const v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
  auto in_engine = std::async(std::launch::async, [&] {
    v1::DeriveBatchResponse response;
    return derive_batch(server, request, &response).ok();
  });
  server.gate.wait_for_arrivals(1);
  grpc::ClientContext context;
  auto gives_up = std::async(std::launch::async, [&] {
    v1::DeriveBatchResponse response;
    return server.keys->DeriveBatch(&context, request, &response).error_code();
  });
  ASSERT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 1; }));
  context.TryCancel();
  EXPECT_EQ(gives_up.get(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 0; }));
  server.gate.open();
  EXPECT_TRUE(in_engine.get());
}

TEST(DeriveBatch, ADeadlineThatPassesInTheQueueLeavesIt) {
  RunningServer server;
  server.close_gate();
  const v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
  auto in_engine = std::async(std::launch::async, [&] {
    v1::DeriveBatchResponse response;
    return derive_batch(server, request, &response).ok();
  });
  server.gate.wait_for_arrivals(1);
  server.fast->derivations = 0;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  v1::DeriveBatchResponse response;
  EXPECT_EQ(server.keys->DeriveBatch(&context, request, &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 0; }));
  server.gate.open();
  EXPECT_TRUE(in_engine.get());
  EXPECT_TRUE(server.dispatcher->wait_idle(std::chrono::seconds(60)));
  EXPECT_EQ(server.fast->derivations, 0);
}

TEST(DeriveBatch, AFailingEngineIsReplacedAndKeysAreRight) {
  RunningServer server;
  server.fast->then = test::fail;
  const v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT, 4);
  v1::DeriveBatchResponse response;
  ASSERT_TRUE(derive_batch(server, request, &response).ok());
  EXPECT_EQ(response.served().engine(), "openssl");
  test::expect_right(request, response);
}

TEST(DeriveBatch, WithoutAnEngineTheCallIsUnavailable) {
  RunningServer server;
  server.pool->quarantine(server.pool->referee(), "broken on purpose");
  v1::DeriveBatchResponse response;
  const grpc::Status status =
      derive_batch(server, test::known_columns(v1::PROFILE_16M_DRAFT), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(status.error_details().empty()) << "it says when to try again";
}

/// One caller's requests by all three rpcs, each checked against the referee.
void call_every_way(RunningServer& server, std::uint32_t caller) {
  const std::vector<test::Variant> variants = test::all_variants();
  auto context = std::make_unique<grpc::ClientContext>();
  auto stream = server.keys->DeriveStream(context.get());
  for (std::uint32_t i = 0; i < 4; ++i) {
    test::BatchShape shape;
    shape.variant = variants[(caller + i) % variants.size()];
    shape.count = 1 + caller * 2 + i;
    shape.sas = test::SaShape::kUnequal;
    shape.bad_percent = 5;
    v1::DeriveBatchRequest request =
        test::to_wire(test::BatchColumns::random(shape, caller * 100 + i));
    v1::DeriveBatchResponse response;
    ASSERT_TRUE(derive_batch(server, request, &response).ok());
    test::expect_right(request, response);

    request.set_sequence(i);
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.sequence(), i);
    test::expect_right(request, response);

    const v1::Profile profile = kProfiles[caller % 3];
    v1::DeriveResponse rows;
    ASSERT_TRUE(derive(server, test::known_rows(profile), &rows).ok());
    EXPECT_EQ(rows.items(0).ak(), test::known_ak(profile));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(Derive, TwentyFourCallersEachGetTheirOwn) {
  RunningServer server(dispatch::Verify::kSampled, {}, 2);
  std::vector<std::thread> callers;
  for (std::uint32_t caller = 0; caller < 24; ++caller) {
    callers.emplace_back([&server, caller] { call_every_way(server, caller); });
  }
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace rekey::rpc
