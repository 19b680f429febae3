// SPDX-License-Identifier: Apache-2.0
#include "rpc/spare_readers.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>
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

TEST(SpareReaders, OnOneCoreAllButOneRestAndCallsAreServed) {
  std::thread([] {
    const OneCore one_core;
    std::optional<SpareReaders> spare(std::in_place);
    const unsigned readers = threads_named("nexting_thread");
    EXPECT_GE(readers, 2U) << "gRPC has another way to read: see whether this is still of use";
    EXPECT_EQ(spare->resting(), readers - 1);
    const test::RunningServer server;
    derive_a_few(server);
    spare.reset();
    derive_a_few(server);
  }).join();
}

TEST(SpareReaders, NoneRestsThatHasACore) {
  if (usable_cores() < 2) GTEST_SKIP() << "this process may use one core only";
  if (usable_cores() < std::thread::hardware_concurrency()) {
    GTEST_SKIP() << "gRPC may have more threads than this process has cores";
  }
  EXPECT_EQ(SpareReaders().resting(), 0U);
}

}  // namespace
}  // namespace rekey::rpc
