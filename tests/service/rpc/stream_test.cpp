// SPDX-License-Identifier: Apache-2.0
//
// DeriveStream through a real connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "service/support/running_server.h"
#include "wire/limits.h"

namespace rekey::rpc {
namespace {

using test::RunningServer;
using ::testing::HasSubstr;

/// A stream of one client, with what it sent.
class Client {
 public:
  explicit Client(RunningServer& server) : stream_(server.keys->DeriveStream(&context)) {}

  bool send(std::uint64_t sequence, std::uint32_t count = 2,
            v1::Profile profile = v1::PROFILE_16M_DRAFT) {
    v1::DeriveBatchRequest request = test::known_columns(profile, count);
    request.set_sequence(sequence);
    sent_[sequence] = request;
    return stream_->Write(request);
  }

  bool send_malformed() {
    v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
    request.clear_pmk();
    return stream_->Write(request);
  }

  void no_more() { stream_->WritesDone(); }

  /// Reads every answer there is, checks its keys, and returns the sequences.
  std::set<std::uint64_t> read_all() {
    std::set<std::uint64_t> sequences;
    v1::DeriveBatchResponse response;
    while (stream_->Read(&response)) {
      EXPECT_TRUE(sequences.insert(response.sequence()).second);
      test::expect_right(sent_.at(response.sequence()), response);
    }
    return sequences;
  }

  grpc::Status finish() { return stream_->Finish(); }

  grpc::ClientContext context;

 private:
  std::map<std::uint64_t, v1::DeriveBatchRequest> sent_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::DeriveBatchRequest, v1::DeriveBatchResponse>>
      stream_;
};

std::set<std::uint64_t> up_to(std::uint64_t last) {
  std::set<std::uint64_t> numbers;
  for (std::uint64_t i = 1; i <= last; ++i) numbers.insert(i);
  return numbers;
}

TEST(DeriveStream, AnswersEveryRequestOfAPipeline) {
  RunningServer server;
  Client client(server);
  for (std::uint64_t i = 1; i <= 30; ++i) {
    const v1::Profile profile = i % 2 == 0 ? v1::PROFILE_LEGACY_16E : v1::PROFILE_16M_DRAFT;
    ASSERT_TRUE(client.send(i, static_cast<std::uint32_t>(i % 5), profile));
  }
  client.no_more();
  EXPECT_EQ(client.read_all(), up_to(30));
  EXPECT_TRUE(client.finish().ok());
}

TEST(DeriveStream, AnEmptyStreamEndsWell) {
  RunningServer server;
  Client client(server);
  client.no_more();
  EXPECT_TRUE(client.read_all().empty());
  EXPECT_TRUE(client.finish().ok());
}

TEST(DeriveStream, AMalformedRequestEndsTheStreamAfterEarlierAnswers) {
  RunningServer server;
  server.close_gate();
  Client client(server);
  ASSERT_TRUE(client.send(1));
  server.gate.wait_for_arrivals(1);
  for (std::uint64_t i = 2; i <= 3; ++i) ASSERT_TRUE(client.send(i));
  ASSERT_TRUE(client.send_malformed());
  ASSERT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 2; }));
  server.gate.open();
  EXPECT_EQ(client.read_all(), up_to(3));
  const grpc::Status status = client.finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("pmk: expected 20 octets"));
}

TEST(DeriveStream, StopsReadingWhileTooManyAreUnanswered) {
  RunningServer server;
  server.close_gate();
  Client client(server);
  ASSERT_TRUE(client.send(1));
  server.gate.wait_for_arrivals(1);
  std::thread writer([&] {
    for (std::uint64_t i = 2; i <= 200; ++i) EXPECT_TRUE(client.send(i, 1));
    client.no_more();
  });
  // One request is in the engine, the others of the stream's share wait.
  const std::size_t share = wire::kMaxStreamRequests - 1;
  EXPECT_TRUE(test::eventually([&] { return server.dispatcher->queued() == share; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(server.dispatcher->queued(), share);
  server.gate.open();
  writer.join();
  EXPECT_EQ(client.read_all(), up_to(200));
  EXPECT_TRUE(client.finish().ok());
}

TEST(DeriveStream, StopsReadingWhileTooManyAmssAreUnanswered) {
  RunningServer server;
  server.close_gate();
  Client client(server);
  ASSERT_TRUE(client.send(1, 65'536, v1::PROFILE_LEGACY_16E));
  server.gate.wait_for_arrivals(1);
  std::thread writer([&] {
    for (std::uint64_t i = 2; i <= 6; ++i) client.send(i, 65'536, v1::PROFILE_LEGACY_16E);
    client.no_more();
  });
  // The first one is cut: most of it waits too.
  EXPECT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 4; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(server.dispatcher->queued(), 4U);
  client.context.TryCancel();
  writer.join();
}

TEST(DeriveStream, AFullQueueEndsTheStreamAfterEarlierAnswers) {
  RunningServer server(dispatch::Verify::kOff, {.queue_requests = 3});
  server.close_gate();
  Client client(server);
  ASSERT_TRUE(client.send(1));
  server.gate.wait_for_arrivals(1);
  for (std::uint64_t i = 2; i <= 4; ++i) ASSERT_TRUE(client.send(i));
  ASSERT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 2; }));
  server.gate.open();
  const std::set<std::uint64_t> answered = client.read_all();
  EXPECT_GE(answered.size(), 3U);
  const grpc::StatusCode code = client.finish().error_code();
  // The queue may have had room again by the time the last request was read.
  EXPECT_TRUE(code == grpc::StatusCode::RESOURCE_EXHAUSTED || answered.size() == 4U);
}

TEST(DeriveStream, AClientThatVanishesLeavesTheQueue) {
  RunningServer server;
  server.close_gate();
  Client client(server);
  ASSERT_TRUE(client.send(1));
  server.gate.wait_for_arrivals(1);
  for (std::uint64_t i = 2; i <= 10; ++i) ASSERT_TRUE(client.send(i));
  ASSERT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 9; }));
  server.fast->derivations = 0;
  client.context.TryCancel();
  EXPECT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 0; }));
  server.gate.open();
  EXPECT_TRUE(server.dispatcher->wait_idle(std::chrono::seconds(60)));
  EXPECT_EQ(server.fast->derivations, 0);
  EXPECT_EQ(client.finish().error_code(), grpc::StatusCode::CANCELLED);
  // Nothing of the stream is left over: the drain finds no open call.
  EXPECT_TRUE(server.server->drain({}, std::chrono::seconds(60)));
}

TEST(DeriveStream, WhatNoEngineCanDeriveEndsTheStream) {
  RunningServer server;
  Client client(server);
  server.close_gate();
  ASSERT_TRUE(client.send(1));
  server.gate.wait_for_arrivals(1);
  // The second request is read, and the client's end of the stream too, before it fails.
  ASSERT_TRUE(client.send(2));
  client.no_more();
  ASSERT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 1; }));
  server.pool->quarantine(server.pool->referee(), "broken on purpose");
  server.gate.open();
  EXPECT_TRUE(client.read_all().empty()) << "what was being derived is not to be trusted";
  EXPECT_EQ(client.finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace rekey::rpc
