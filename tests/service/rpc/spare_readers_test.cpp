// SPDX-License-Identifier: Apache-2.0
#include "rpc/spare_readers.h"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "process/cores.h"
#include "service/support/requests.h"
#include "service/support/running_server.h"

namespace rekey::rpc {
namespace {

/// Allows the calling thread, and those that it starts, one core only.
class OneCore {
 public:
  OneCore() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
  }
  ~OneCore() { sched_setaffinity(0, sizeof before_, &before_); }
  OneCore(const OneCore&) = delete;
  OneCore& operator=(const OneCore&) = delete;

 private:
  cpu_set_t before_{};
};

unsigned threads_named(const std::string& wanted) {
  unsigned count = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(thread.path() / "comm"), name);
    if (name == wanted) ++count;
  }
  return count;
}

void derive_a_few(const test::RunningServer& server) {
  for (int i = 0; i < 20; ++i) {
    grpc::ClientContext context;
    v1::DeriveBatchResponse response;
    const v1::DeriveBatchRequest request = test::known_columns(v1::PROFILE_16M_DRAFT, 3);
    EXPECT_TRUE(server.keys->DeriveBatch(&context, request, &response).ok());
    EXPECT_EQ(response.served().engine(), "fast");
  }
}

Status answer_with(grpc::StatusCode code, SpareReaders* spare) {
  CallRecord record{};
  record.code = code;
  return spare->answering(record);
}

constexpr auto kPatience = std::chrono::minutes(5);

/// They rest by turns: between two of them none does for a moment.
bool all_spare_rest_once(const SpareReaders& spare) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (spare.resting() != spare.spare()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(SpareReaders, OnOneCoreAllButOneRestAndCallsAreServed) {
  std::thread([] {
    const OneCore one_core;
    std::optional<SpareReaders> spare(std::in_place);
    const unsigned readers = threads_named("nexting_thread");
    EXPECT_GE(readers, 2U) << "gRPC has another way to read: see whether this is still of use";
    EXPECT_EQ(spare->spare(), readers - 1);
    EXPECT_TRUE(all_spare_rest_once(*spare));
    const test::RunningServer server;
    derive_a_few(server);
    EXPECT_TRUE(all_spare_rest_once(*spare));
    spare.reset();
    derive_a_few(server);
  }).join();
}

TEST(SpareReaders, CallsAreServedWhileAllThatHaveACoreAreHeld) {
  std::thread([] {
    const OneCore one_core;
    const SpareReaders spare;
    const test::RunningServer server;
    ASSERT_TRUE(all_spare_rest_once(spare));
    std::promise<void> held;
    std::promise<void> let_go;
    grpc::GenericStub nobody(grpc::CreateChannel("", nullptr));
    grpc::ClientContext context;
    const grpc::Slice nothing;
    const grpc::ByteBuffer request(&nothing, 1);
    grpc::ByteBuffer response;
    std::promise<void> ended;
    nobody.UnaryCall(&context, "/", {}, &request, &response, [&](const grpc::Status& /*nobody*/) {
      held.set_value();
      let_go.get_future().wait();
      ended.set_value();
    });
    held.get_future().wait();
    derive_a_few(server);
    let_go.set_value();
    ended.get_future().wait();
  }).join();
}

TEST(SpareReaders, AllReadWhileCallsAreRefusedForTheirNumber) {
  std::thread([] {
    using Clock = std::chrono::steady_clock;
    const OneCore one_core;
    SpareReaders spare;
    ASSERT_GE(spare.spare(), 1U);
    EXPECT_TRUE(answer_with(grpc::StatusCode::INVALID_ARGUMENT, &spare).ok());
    EXPECT_TRUE(all_spare_rest_once(spare));
    const Clock::time_point refused = Clock::now();
    EXPECT_TRUE(answer_with(grpc::StatusCode::RESOURCE_EXHAUSTED, &spare).ok());
    while (spare.resting() > 0 && Clock::now() < refused + kPatience) std::this_thread::yield();
    while (Clock::now() < refused + SpareReaders::kCalm / 2) {
      const unsigned resting = spare.resting();
      if (Clock::now() < refused + SpareReaders::kCalm) {
        EXPECT_EQ(resting, 0U);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(all_spare_rest_once(spare));
    EXPECT_GE(Clock::now() - refused, SpareReaders::kCalm);
    EXPECT_TRUE(answer_with(grpc::StatusCode::RESOURCE_EXHAUSTED, &spare).ok());
  }).join();
}

TEST(SpareReaders, NoneRestsThatHasACore) {
  if (usable_cores() < 2) GTEST_SKIP() << "this process may use one core only";
  if (usable_cores() < std::thread::hardware_concurrency()) {
    GTEST_SKIP() << "gRPC may have more threads than this process has cores";
  }
  EXPECT_EQ(SpareReaders().spare(), 0U);
}

}  // namespace
}  // namespace rekey::rpc
