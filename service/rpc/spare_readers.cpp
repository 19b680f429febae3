// SPDX-License-Identifier: Apache-2.0
#include "rpc/spare_readers.h"

#include <grpcpp/create_channel.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

#include "process/cores.h"

namespace rekey::rpc {
namespace {

using namespace std::chrono_literals;

/// What gRPC calls its threads that read.
constexpr std::string_view kReader = "nexting_thread";

bool is_reader() {
  std::array<char, 16> name{};
  return prctl(PR_GET_NAME, name.data()) == 0 && name.data() == kReader;
}

unsigned readers() {
  unsigned count = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(thread.path() / "comm");
    std::string name;
    if (std::getline(file, name) && name == kReader) ++count;
  }
  return count;
}

/// How many of them gRPC starts.
unsigned readers_of_grpc() {
  const long cores = sysconf(_SC_NPROCESSORS_CONF);
  return static_cast<unsigned>(std::clamp(cores / 2, 2L, 16L));
}

}  // namespace

SpareReaders::SpareReaders() : nobody_(grpc::CreateChannel("", nullptr)) {
  const unsigned wanted = usable_cores();
  if (readers_of_grpc() <= wanted || !call_reader(/*to_rest*/ false)) return;
  // Each has its name a moment after it was started.
  for (int i = 0; i < 1'000 && readers() < readers_of_grpc(); ++i) std::this_thread::sleep_for(1ms);
  for (unsigned left = readers(); left > wanted && call_reader(/*to_rest*/ true);) --left;
}

SpareReaders::~SpareReaders() {
  std::unique_lock lock(mutex_);
  wake_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return resting_ == 0; });
}

unsigned SpareReaders::resting() {
  const std::lock_guard lock(mutex_);
  return resting_;
}

bool SpareReaders::call_reader(bool to_rest) {
  Call& call = calls_.emplace_back();
  const grpc::Slice nothing;
  call.request = grpc::ByteBuffer(&nothing, 1);
  nobody_.UnaryCall(&call.context, "/", {}, &call.request, &call.response,
                    [this, to_rest](const grpc::Status& /*nobody*/) { come(to_rest); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return came_ == calls_.size(); });
  return last_is_reader_;
}

void SpareReaders::come(bool to_rest) {
  std::unique_lock lock(mutex_);
  ++came_;
  last_is_reader_ = is_reader();
  changed_.notify_all();
  if (!to_rest || !last_is_reader_) return;
  ++resting_;
  changed_.wait(lock, [this] { return wake_; });
  --resting_;
  changed_.notify_all();
}

}  // namespace rekey::rpc
