// SPDX-License-Identifier: Apache-2.0
//
// What observers are told about calls, and what becomes of an answer that one holds back.
#include "rpc/call_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rpc/call_observers.h"
#include "rpc/caller.h"
#include "service/support/running_server.h"

namespace rekey::rpc {
namespace {

using test::RunningServer;

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Caller, TheHostOfAPeer) {
  EXPECT_EQ(host_of_peer("ipv4:10.0.0.1:5000"), "10.0.0.1");
  EXPECT_EQ(host_of_peer("ipv6:%5B2001:db8::1%5D:5000"), "2001:db8::1");
  EXPECT_EQ(host_of_peer("unix:/tmp/socket"), "unix:/tmp/socket");
}

TEST(Caller, KnowsATraceContextOfVersionZero) {
  EXPECT_TRUE(is_traceparent(kTrace));
  for (const char* text : {
           "",
           "00-",
           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
           "00-4bf92f3577b34da6a3ce929d0e0e473x-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736000f067aa0ba902b7001",
       }) {
    EXPECT_FALSE(is_traceparent(text)) << text;
  }
}

TEST(CallObserver, SeesWhoWhatHowMuchAndTheTrace) {
  RunningServer server;
  v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_LEGACY_16E, 3);
  request.set_ak_sn(std::string("\x00\x10\x01", 3));
  grpc::ClientContext context;
  context.AddMetadata("traceparent", kTrace);
  v1::DeriveBatchResponse response;
  ASSERT_TRUE(server.keys->DeriveBatch(&context, request, &response).ok());
  const auto records = server.observer.records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].rpc, "KeyDerivation.DeriveBatch");
  EXPECT_EQ(records[0].caller, "127.0.0.1");
  EXPECT_EQ(records[0].traceparent, kTrace);
  EXPECT_EQ(records[0].profile, Profile::kLegacy16e);
  EXPECT_EQ(records[0].items, 3U);
  EXPECT_EQ(records[0].failed, 1U);
  EXPECT_EQ(records[0].code, grpc::StatusCode::OK);
}

TEST(CallObserver, SeesMalformedCallsAndOperatorsToo) {
  RunningServer server;
  {
    grpc::ClientContext context;
    v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
    request.set_bsid("short");
    v1::DeriveBatchResponse response;
    ASSERT_FALSE(server.keys->DeriveBatch(&context, request, &response).ok());
  }
  {
    grpc::ClientContext context;
    v1::GetCapabilitiesResponse response;
    ASSERT_TRUE(server.admin->GetCapabilities(&context, {}, &response).ok());
  }
  const auto records = server.observer.records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_FALSE(records[0].profile.has_value());
  EXPECT_THAT(records[0].message, ::testing::HasSubstr("bsid: expected"));
  EXPECT_EQ(records[1].rpc, "Admin.GetCapabilities");
}

TEST(CallObserver, SeesEveryRequestOfAStream) {
  RunningServer server;
  grpc::ClientContext context;
  auto stream = server.keys->DeriveStream(&context);
  v1::DeriveBatchResponse response;
  for (std::uint32_t count : {1U, 0U, 5U}) {
    ASSERT_TRUE(stream->Write(test::known_columns(v1::PROFILE_16M_DRAFT, count)));
    ASSERT_TRUE(stream->Read(&response));
  }
  stream->WritesDone();
  ASSERT_TRUE(stream->Finish().ok());
  std::vector<std::uint32_t> items;
  for (const auto& record : server.observer.records()) {
    EXPECT_EQ(record.rpc, "KeyDerivation.DeriveStream");
    items.push_back(record.items);
  }
  EXPECT_THAT(items, ::testing::ElementsAre(1, 0, 5));
}

TEST(CallObserver, NoKeyLeavesInAnAnswerThatIsHeldBack) {
  RunningServer server;
  server.observer.hold_back({Code::kUnavailable, "no room"});
  const v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
  {
    grpc::ClientContext context;
    v1::DeriveBatchResponse response;
    const grpc::Status status = server.keys->DeriveBatch(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(status.error_message(), "no room");
    EXPECT_TRUE(response.ak().empty());
  }
  {
    grpc::ClientContext context;
    v1::DrainResponse response;
    EXPECT_FALSE(server.admin->Drain(&context, {}, &response).ok());
    EXPECT_EQ(server.drains_asked, 0) << "what is not accounted for is not done";
  }
  for (const std::uint32_t count : {1U, 0U}) {
    grpc::ClientContext context;
    auto stream = server.keys->DeriveStream(&context);
    ASSERT_TRUE(stream->Write(test::known_columns(v1::PROFILE_16M_DRAFT, count)));
    v1::DeriveBatchResponse response;
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  }
}

class Nobody final : public Origin {
 public:
  [[nodiscard]] std::string caller() const override { return "nobody"; }
  [[nodiscard]] std::string traceparent() const override { return {}; }
};

TEST(CallObservers, ThoseAfterOneThatHoldsBackSeeHowTheCallEnds) {
  test::RecordingObserver before;
  test::RecordingObserver holds_back;
  test::RecordingObserver after;
  holds_back.hold_back({Code::kUnavailable, "no room"});
  CallObservers all;
  for (auto* observer : {&before, &holds_back, &after}) all.add(observer);
  const Nobody nobody;
  const Status status = all.answering(
      {.rpc = "A.B", .origin = &nobody, .profile = std::nullopt, .message = "", .served = {}});
  EXPECT_EQ(status.message(), "no room");
  EXPECT_EQ(before.records().at(0).code, grpc::StatusCode::OK);
  EXPECT_EQ(after.records().at(0).code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(after.records().at(0).message, "no room");
}

}  // namespace
}  // namespace rekey::rpc
