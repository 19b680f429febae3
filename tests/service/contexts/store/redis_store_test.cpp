// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/redis_store.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "contexts/store/redis_connection.h"
#include "service/contexts/store/conformance.h"
#include "service/contexts/store/redis_server.h"

namespace rekey::contexts {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::unique_ptr<ContextStore> open_at(const RedisServer& server, std::size_t kept_events = 1000,
                                      std::chrono::milliseconds timeout = 10s) {
  std::unique_ptr<ContextStore> store;
  const Status status = open_redis_store(server.address(), kept_events, timeout, &store);
  EXPECT_TRUE(status.ok()) << status.message();
  return store;
}

/// Places share one server, which is emptied for each.
class RedisPlace final : public StorePlace {
 public:
  RedisPlace() { server().command("FLUSHALL"); }
  std::unique_ptr<ContextStore> open(std::size_t kept_events) override {
    return open_at(server(), kept_events);
  }

 private:
  static RedisServer& server() {
    static RedisServer server;
    return server;
  }
};

INSTANTIATE_TEST_SUITE_P(Redis, ContextStoreTest,
                         testing::Values([] { return std::make_unique<RedisPlace>(); }));

Status try_write(ContextStore& store, const RecordChange& change) {
  ChangeOutcome outcome{};
  return store.write({&change, 1}, {&outcome, 1});
}

class RedisStoreTest : public testing::Test {
 protected:
  RedisServer server_;
};

TEST_F(RedisStoreTest, OfTwoStoresOnOneServerOneAloneAdvancesARecord) {
  constexpr int kRecords = 200;
  std::vector<std::string> names;
  for (int i = 0; i < kRecords; ++i) names.push_back("ams-" + std::to_string(i));
  std::atomic<int> advanced = 0;
  std::vector<std::jthread> instances;
  for (int instance = 0; instance < 2; ++instance) {
    instances.emplace_back([&] {
      const auto store = open_at(server_);
      for (int round = 0; round < 20; ++round) {
        std::vector<FoundRecord> records(names.size());
        ASSERT_TRUE(store->read(names, records).ok());
        std::vector<RecordChange> changes;
        for (std::size_t i = 0; i < names.size(); ++i) {
          const int number = records[i].exists() ? std::stoi(text(records[i])) : 0;
          changes.push_back(change(names[i], records[i].version, std::to_string(number + 1)));
        }
        std::vector<ChangeOutcome> outcomes(changes.size());
        ASSERT_TRUE(store->write(changes, outcomes).ok());
        advanced += static_cast<int>(std::ranges::count(outcomes, ChangeOutcome::kDone));
      }
    });
  }
  instances.clear();
  const auto store = open_at(server_);
  int sum = 0;
  for (const std::string& name : names) sum += std::stoi(text(found(*store, name)));
  EXPECT_EQ(sum, advanced);
  EXPECT_GE(sum, 20 * kRecords);
}

TEST_F(RedisStoreTest, WhatWasAnsweredSurvivesTheServersKills) {
  const auto store = open_at(server_);
  std::mt19937 random(2);
  std::atomic<int> answered = 0;
  std::atomic<bool> stop = false;
  std::jthread writer([&] {
    int number = 0;
    while (!stop) {
      FoundRecord record;
      const std::string name = "a";
      if (!store->read({&name, 1}, {&record, 1}).ok()) continue;
      ASSERT_GE(record.exists() ? std::stoi(text(record)) : 0, number);
      number = record.exists() ? std::stoi(text(record)) + 1 : 1;
      if (!try_write(*store, change(name, record.version, std::to_string(number))).ok()) {
        --number;
        continue;
      }
      answered = number;
    }
  });
  for (int kills = 0; kills < 3; ++kills) {
    const int before = answered;
    while (answered < before + 20) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 5'000));
    server_.kill();
    server_.start();
  }
  stop = true;
  writer.join();
  EXPECT_GE(std::stoi(text(found(*store, "a"))), answered);
}

TEST_F(RedisStoreTest, SaysThatTheServerIsGoneAndServesWhenItIsBack) {
  const auto store = open_at(server_);
  written(*store, change("a", 0, "value"));
  server_.kill();
  const Status status = try_write(*store, change("b", 0, "value"));
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("the Redis server at 127.0.0.1:"));
  std::unique_ptr<ContextStore> second;
  EXPECT_EQ(open_redis_store(server_.address(), 10, 10s, &second).code(), Code::kUnavailable);
  server_.start();
  EXPECT_EQ(text(found(*store, "a")), "value");
  EXPECT_EQ(written(*store, change("b", 0, "value")), ChangeOutcome::kDone);
}

TEST_F(RedisStoreTest, ASlowServerIsUnavailableAndAnAnswerTooLateIsNobodys) {
  const auto store = open_at(server_, 10, 200ms);
  written(*store, change("a", 0, "value a"));
  server_.command("CLIENT PAUSE 1000 ALL");
  const std::string name = "a";
  FoundRecord record;
  const Status status = store->read({&name, 1}, {&record, 1});
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("no answer within 200 ms"));
  server_.command("PING");  // answered when the pause is over
  EXPECT_EQ(found(*store, "b").exists(), false);
  EXPECT_EQ(text(found(*store, "a")), "value a");
}

TEST_F(RedisStoreTest, AFullServerSaysSoAndLosesNothing) {
  const auto store = open_at(server_);
  written(*store, change("a", 0, "value"));
  server_.command("CONFIG SET maxmemory 1");
  const Status status = try_write(*store, change("b", 0, "value"));
  EXPECT_EQ(status.code(), Code::kResourceExhausted) << status.message();
  EXPECT_EQ(text(found(*store, "a")), "value");
  server_.command("CONFIG SET maxmemory 0");
  EXPECT_EQ(written(*store, change("b", 0, "value")), ChangeOutcome::kDone);
}

TEST_F(RedisStoreTest, LoadsItsScriptsAgainWhenTheServerHasLostThem) {
  const auto store = open_at(server_);
  written(*store, change("a", 0, "value"));
  server_.command("SCRIPT FLUSH");
  const RecordChange changes[] = {change("a", 0, "late"), change("b", 0, "value")};
  ChangeOutcome outcomes[2];
  ASSERT_TRUE(store->write(changes, outcomes).ok());
  EXPECT_THAT(outcomes, testing::ElementsAre(ChangeOutcome::kConflict, ChangeOutcome::kDone));
}

TEST_F(RedisStoreTest, ReportsForeignRecordsAndServesTheOthers) {
  const auto store = open_at(server_);
  written(*store, change("good", 0, "value"));
  server_.command("LPUSH rekeyd:r:list x");
  server_.command("SET rekeyd:r:text 'no version'");
  server_.command("SET rekeyd:r:zero 0:value");
  for (const char* name : {"list", "text", "zero"}) {
    EXPECT_TRUE(found(*store, name).damaged()) << name;
    EXPECT_EQ(written(*store, change(name, found(*store, name).version, "over")),
              ChangeOutcome::kConflict);
  }
  EXPECT_EQ(text(found(*store, "good")), "value");
  EXPECT_EQ(visited(*store).size(), 4U);
  EXPECT_EQ(visited(*store)["list"], "damaged");
}

TEST_F(RedisStoreTest, AForeignRecordCanBeRemoved) {
  const auto store = open_at(server_);
  server_.command("LPUSH rekeyd:r:list x");
  server_.command("SET rekeyd:r:text 'no version'");
  server_.command("SET rekeyd:r:zero 0:value");
  for (const char* name : {"list", "text", "zero"}) {
    EXPECT_EQ(written(*store, change(name, found(*store, name).version, std::nullopt, {"removed"})),
              ChangeOutcome::kDone)
        << name;
    EXPECT_FALSE(found(*store, name).exists()) << name;
  }
  EXPECT_EQ(events_after(*store, 0).events.size(), 3U);
}

/// Answers one PING, then breaks the connection off, as a kernel does whose process was killed
/// before it had read everything.
class AbruptServer {
 public:
  AbruptServer() : listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listening_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listening_, 8), 0);
    EXPECT_EQ(getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    address_ = {.host = "127.0.0.1", .port = ntohs(address.sin_port)};
  }
  ~AbruptServer() { close(listening_); }
  AbruptServer(const AbruptServer&) = delete;
  AbruptServer& operator=(const AbruptServer&) = delete;
  [[nodiscard]] const net::HostPort& address() const { return address_; }

  void serve_one() const {
    const int connection = accept(listening_, nullptr, nullptr);
    std::array<char, 64> request{};
    EXPECT_GT(recv(connection, request.data(), request.size(), 0), 0);
    EXPECT_EQ(send(connection, "+PONG\r\n", 7, 0), 7);
    std::this_thread::sleep_for(50ms);
    const linger reset = {.l_onoff = 1, .l_linger = 0};
    EXPECT_EQ(setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
    close(connection);
  }

 private:
  int listening_;
  net::HostPort address_;
};

TEST(RedisConnectionsTest, AConnectionThatWasBrokenOffWhileIdleIsNotUsedAgain) {
  std::signal(SIGPIPE, SIG_IGN);  // as rekeyd does
  const AbruptServer server;
  RedisConnections connections(server.address(), 10s);
  const RedisCommand ping = {"PING"};
  for (int i = 0; i < 2; ++i) {
    std::jthread serving([&] { server.serve_one(); });
    std::vector<RedisReply> replies;
    const Status status = connections.ask({&ping, 1}, &replies);
    EXPECT_EQ(status, Status());
    if (!status.ok()) std::ignore = connections.ask({&ping, 1}, &replies);  // lets it end
  }
}

TEST_F(RedisStoreTest, AnEmptiedServerDoesNotPassForTheOneWatched) {
  const auto store = open_at(server_);
  written(*store, change("a", 0, "value", {"made"}));
  const EventPage page = events_after(*store, 0);
  server_.command("FLUSHALL");
  written(*store, change("a", 0, "value", {"made", "made", "made"}));
  EXPECT_FALSE(events_after(*store, page.next_after).complete);
}

}  // namespace
}  // namespace rekey::contexts
