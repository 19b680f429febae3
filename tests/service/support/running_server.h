// SPDX-License-Identifier: Apache-2.0
//
// A server in this process, on a free loopback port, with stubs to call it.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dispatch/deriver.h"
#include "dispatch/dispatcher.h"
#include "dispatch/engine_pool.h"
#include "dispatch/machine.h"
#include "rekey/engines.h"
#include "rekey/v1/admin.grpc.pb.h"
#include "rekey/v1/key_derivation.grpc.pb.h"
#include "rpc/server.h"
#include "service/support/engine_double.h"
#include "service/support/expect_right.h"
#include "service/support/requests.h"

namespace rekey::test {

/// RecordingObserver keeps what it was told, and holds answers back when told to.
class RecordingObserver final : public rpc::CallObserver {
 public:
  Status answering(const rpc::CallRecord& record) override {
    const std::lock_guard lock(mutex_);
    records_.push_back({std::string(record.rpc), record.origin->caller(),
                        record.origin->traceparent(), record.profile, record.items, record.failed,
                        record.code, record.message});
    return verdict_;
  }

  /// What is left of a record when its call is over.
  struct Record {
    std::string rpc;
    std::string caller;
    std::string traceparent;
    std::optional<Profile> profile;
    std::uint32_t items;
    std::uint32_t failed;
    grpc::StatusCode code;
    std::string message;
  };

  [[nodiscard]] std::vector<Record> records() {
    const std::lock_guard lock(mutex_);
    return records_;
  }
  void hold_back(Status verdict) {
    const std::lock_guard lock(mutex_);
    verdict_ = std::move(verdict);
  }

 private:
  std::mutex mutex_;
  std::vector<Record> records_;
  Status verdict_;
};

/// RunningServer derives with an engine double named `fast`, checked against the real referee.
class RunningServer {
  // Before all that use them, so that they go last.
  dispatch::SteadyClock clock_;
  dispatch::SystemRandom random_;

 public:
  explicit RunningServer(dispatch::Verify verify = dispatch::Verify::kSampled,
                         const scheduler::Limits& limits = {}, unsigned workers = 1) {
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(std::make_unique<EngineDouble>("fast"));
    fast = static_cast<EngineDouble*>(engines.back().get());
    engines.push_back(make_openssl_ecb_engine());
    EXPECT_EQ(
        dispatch::EnginePool::create(std::move(engines), make_openssl_engine(), "fast", {}, &pool)
            .message(),
        "");
    deriver = std::make_unique<dispatch::Deriver>(pool.get(), &clock_, &random_, verify);
    dispatcher = std::make_unique<dispatch::Dispatcher>(pool.get(), deriver.get(), &clock_, limits,
                                                        dispatch::describe(*pool, clock_, workers));
    EXPECT_EQ(rpc::Server::start(
                  "127.0.0.1:0", grpc::InsecureServerCredentials(),
                  {dispatcher.get(), pool.get(), &observer, [this] { ++drains_asked; }}, &server)
                  .message(),
              "");
    connect();
  }

  ~RunningServer() {
    gate.open();
    server.reset();
    // Its workers read the clock.
    dispatcher.reset();
  }

  /// The answer of grpc.health.v1, as octets: Debian has no stubs for it.
  [[nodiscard]] std::string health(const std::string& service) const {
    const std::string name =
        service.empty() ? "" : "\x0a" + std::string(1, static_cast<char>(service.size())) + service;
    const grpc::Slice slice(name);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::ClientContext context;
    const grpc::Status status = grpc::internal::BlockingUnaryCall(
        channel.get(),
        grpc::internal::RpcMethod("/grpc.health.v1.Health/Check",
                                  grpc::internal::RpcMethod::NORMAL_RPC),
        &context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    grpc::Slice octets;
    EXPECT_TRUE(response.TrySingleSlice(&octets).ok());
    return {octets.begin(), octets.end()};
  }

  /// Has every derivation from now on wait for the gate.
  void close_gate() {
    fast->then = [this](const CheckedBatch&, const BatchResult&) {
      gate.pass();
      return Status();
    };
  }

  EngineDouble* fast;
  RecordingObserver observer;
  std::atomic<int> drains_asked = 0;
  Gate gate;
  std::unique_ptr<dispatch::EnginePool> pool;
  std::unique_ptr<dispatch::Deriver> deriver;
  std::unique_ptr<dispatch::Dispatcher> dispatcher;
  std::unique_ptr<rpc::Server> server;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::KeyDerivation::Stub> keys;
  std::unique_ptr<v1::Admin::Stub> admin;

 private:
  void connect() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    channel = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server->port()),
                                        grpc::InsecureChannelCredentials(), arguments);
    keys = v1::KeyDerivation::NewStub(channel);
    admin = v1::Admin::NewStub(channel);
  }
};

/// Polls until `condition` holds; false after a minute.
inline bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 12'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace rekey::test
