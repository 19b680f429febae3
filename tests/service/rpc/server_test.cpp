// SPDX-License-Identifier: Apache-2.0
//
// The server as a whole: Admin, addresses, drain.
#include "rpc/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "service/support/running_server.h"

namespace rekey::rpc {
namespace {

using test::RunningServer;
using ::testing::HasSubstr;

TEST(Admin, CapabilitiesNameProfilesEnginesAndLimits) {
  RunningServer server;
  grpc::ClientContext context;
  v1::GetCapabilitiesResponse response;
  ASSERT_TRUE(server.admin->GetCapabilities(&context, {}, &response).ok());
  EXPECT_FALSE(response.version().empty());
  EXPECT_EQ(response.default_profile(), v1::PROFILE_16M_DRAFT);
  ASSERT_EQ(response.profiles_size(), 3);
  EXPECT_EQ(response.profiles(0).name(), "16m-draft");
  EXPECT_EQ(response.profiles(0).yields_size(), 6);
  for (const v1::ProfileInfo& profile : response.profiles()) {
    EXPECT_EQ(profile.published_answers(), profile.profile() == v1::PROFILE_LEGACY_16E);
  }
  ASSERT_EQ(response.engines_size(), 2);
  EXPECT_EQ(response.engines(0).name(), "fast");
  EXPECT_EQ(response.engines(0).state(), v1::ENGINE_STATE_SERVING);
  EXPECT_TRUE(response.engines(0).preferred());
  EXPECT_FALSE(response.engines(1).preferred());
  EXPECT_EQ(response.limits().batch_items(), 65'536U);
  EXPECT_EQ(response.limits().tek_counters(), 16U);
  EXPECT_EQ(response.limits().message_octets(), 64U << 20);
}

TEST(Admin, CapabilitiesTellOfAQuarantine) {
  RunningServer server;
  server.pool->quarantine(*server.fast, "a key differs");
  grpc::ClientContext context;
  v1::GetCapabilitiesResponse response;
  ASSERT_TRUE(server.admin->GetCapabilities(&context, {}, &response).ok());
  EXPECT_EQ(response.engines(0).state(), v1::ENGINE_STATE_REFUSED);
  EXPECT_EQ(response.engines(0).reason(), "a key differs");
  EXPECT_TRUE(response.engines(1).preferred());
}

TEST(Admin, CapabilitiesTellOfAnEngineThatServesAgain) {
  RunningServer server(dispatch::Verify::kAll, {.probe_us = 1'000});
  const auto capabilities = [&] {
    grpc::ClientContext context;
    v1::GetCapabilitiesResponse response;
    EXPECT_TRUE(server.admin->GetCapabilities(&context, {}, &response).ok());
    return response;
  };
  const auto derive = [&] {
    grpc::ClientContext context;
    const v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
    v1::DeriveBatchResponse response;
    EXPECT_TRUE(server.keys->DeriveBatch(&context, request, &response).ok());
    test::expect_right(request, response);
    return response.served().engine();
  };
  server.fast->then = test::flip_a_bit;
  EXPECT_EQ(derive(), "openssl") << "what lied is found out, and its work is done again";
  EXPECT_EQ(capabilities().engines(0).state(), v1::ENGINE_STATE_REFUSED);
  EXPECT_THAT(capabilities().engines(0).reason(), HasSubstr("a key differs"));
  server.fast->then = nullptr;
  ASSERT_TRUE(test::eventually(
      [&] { return capabilities().engines(0).state() == v1::ENGINE_STATE_SERVING; }));
  EXPECT_EQ(capabilities().engines(0).reason(), "");
  EXPECT_EQ(derive(), "fast");
}

TEST(Admin, SelfTestReportsEveryKnownAnswerOfEveryEngine) {
  RunningServer server;
  grpc::ClientContext context;
  v1::SelfTestResponse response;
  ASSERT_TRUE(server.admin->SelfTest(&context, {}, &response).ok());
  std::map<std::string, int> answers;
  for (const v1::SelfTestResult& result : response.results()) {
    EXPECT_TRUE(result.passed()) << result.engine() << ' ' << result.known_answer();
    EXPECT_FALSE(result.origin().empty());
    ++answers[result.engine()];
  }
  EXPECT_GT(answers["fast"], 2);
  EXPECT_EQ(answers["fast"], answers["openssl"]);
}

TEST(Admin, SelfTestIsOkAlsoWhenAnAnswerIsWrong) {
  RunningServer server;
  server.fast->then = test::flip_a_bit;
  grpc::ClientContext context;
  v1::SelfTestResponse response;
  ASSERT_TRUE(server.admin->SelfTest(&context, {}, &response).ok());
  int wrong = 0;
  for (const v1::SelfTestResult& result : response.results()) {
    if (result.passed()) continue;
    EXPECT_EQ(result.engine(), "fast");
    EXPECT_FALSE(result.message().empty());
    ++wrong;
  }
  EXPECT_GT(wrong, 0);
}

TEST(Admin, ADrainIsAskedForAndAnswered) {
  RunningServer server;
  grpc::ClientContext context;
  v1::DrainResponse response;
  EXPECT_TRUE(server.admin->Drain(&context, {}, &response).ok());
  EXPECT_EQ(server.drains_asked, 1);
}

TEST(Admin, APinnedEngineDerivesUntilAnotherIsPinned) {
  RunningServer server;
  const auto pin = [&](const std::string& name) {
    grpc::ClientContext context;
    v1::PinEngineRequest request;
    v1::PinEngineResponse response;
    request.set_engine(name);
    const grpc::Status status = server.admin->PinEngine(&context, request, &response);
    for (const v1::EngineInfo& engine : response.engines()) {
      if (engine.preferred()) return engine.name();
    }
    return status.error_message();
  };
  const auto served_by = [&] {
    grpc::ClientContext context;
    v1::DeriveBatchResponse response;
    EXPECT_TRUE(
        server.keys->DeriveBatch(&context, test::known_columns(v1::PROFILE_16M_DRAFT), &response)
            .ok());
    return response.served().engine();
  };
  EXPECT_EQ(served_by(), "fast");
  EXPECT_EQ(pin("openssl"), "openssl");
  EXPECT_EQ(served_by(), "openssl");
  EXPECT_EQ(pin("abacus"), "engine: expected one of auto, fast, openssl, found abacus");
  EXPECT_EQ(served_by(), "openssl") << "a refused pin changes nothing";
  EXPECT_EQ(pin("auto"), "fast");
  server.pool->quarantine(*server.fast, "a key differs");
  EXPECT_EQ(pin("fast"), "engine cannot serve: a key differs");
}

TEST(Server, HealthTellsOfTheServicesAndOfAServerThatCannotDerive) {
  const std::string serving("\x08\x01");
  const std::string not_serving("\x08\x02");
  RunningServer server;
  for (const char* service : {"", "rekey.v1.KeyDerivation", "rekey.v1.Admin"}) {
    EXPECT_EQ(server.health(service), serving) << service;
  }
  server.server->set_unable();
  EXPECT_EQ(server.health(""), not_serving);
  EXPECT_EQ(server.health("rekey.v1.KeyDerivation"), not_serving);
  EXPECT_EQ(server.health("rekey.v1.Admin"), serving);
}

TEST(Server, AnAddressThatIsTakenIsAnError) {
  RunningServer server;
  std::unique_ptr<Server> second;
  const Status status = Server::start("127.0.0.1:" + std::to_string(server.server->port()),
                                      grpc::InsecureServerCredentials(),
                                      {server.dispatcher.get(), server.pool.get()}, &second);
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("cannot listen on 127.0.0.1:"));
}

TEST(Server, DrainAnswersWhatWasAcceptedAndRefusesNewCalls) {
  RunningServer server;
  server.close_gate();
  const v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
  auto accepted = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    v1::DeriveBatchResponse response;
    const grpc::Status status = server.keys->DeriveBatch(&context, request, &response);
    test::expect_right(request, response);
    return status.error_code();
  });
  server.gate.wait_for_arrivals(1);
  grpc::ClientContext stream_context;
  auto stream = server.keys->DeriveStream(&stream_context);
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(test::eventually([&] { return server.dispatcher->queued() == 1; }));

  auto drained = std::async(std::launch::async,
                            [&] { return server.server->drain({}, std::chrono::seconds(60)); });
  EXPECT_TRUE(test::eventually([&] {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
    v1::DeriveBatchResponse response;
    const grpc::Status status = server.keys->DeriveBatch(&context, request, &response);
    return status.error_code() == grpc::StatusCode::UNAVAILABLE;
  }));
  server.gate.open();

  EXPECT_EQ(accepted.get(), grpc::StatusCode::OK);
  v1::DeriveBatchResponse response;
  ASSERT_TRUE(stream->Read(&response));
  test::expect_right(request, response);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(drained.get());
}

TEST(Server, ADrainGivesUpOnCallsThatDoNotEnd) {
  RunningServer server;
  server.close_gate();
  auto stuck = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    v1::DeriveBatchResponse response;
    return server.keys->DeriveBatch(&context, test::known_columns(v1::PROFILE_16M_DRAFT), &response)
        .ok();
  });
  server.gate.wait_for_arrivals(1);
  auto drained = std::async(
      std::launch::async, [&] { return server.server->drain({}, std::chrono::milliseconds(50)); });
  EXPECT_FALSE(stuck.get());
  // The caller is rid of it, but an engine is not interrupted: the drain ends when it returns.
  server.gate.open();
  EXPECT_FALSE(drained.get());
}

TEST(Server, ALameDuckStillServesButIsNotReady) {
  RunningServer server;
  auto drained = std::async(std::launch::async, [&] {
    return server.server->drain(std::chrono::seconds(2), std::chrono::seconds(60));
  });
  const std::string not_serving("\x08\x02");
  ASSERT_TRUE(test::eventually([&] { return server.health("") == not_serving; }));
  grpc::ClientContext context;
  const v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
  v1::DeriveBatchResponse response;
  EXPECT_TRUE(server.keys->DeriveBatch(&context, request, &response).ok());
  test::expect_right(request, response);
  EXPECT_TRUE(drained.get());
}

TEST(Server, AnIdleStreamDoesNotHoldUpADrain) {
  RunningServer server;
  grpc::ClientContext context;
  auto stream = server.keys->DeriveStream(&context);
  const v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT);
  ASSERT_TRUE(stream->Write(request));
  v1::DeriveBatchResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_TRUE(server.server->drain({}, std::chrono::seconds(60)));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace rekey::rpc
