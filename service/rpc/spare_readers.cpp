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
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

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
  if (readers_of_grpc() <= wanted || !a_reader_answers()) return;
  // Each has its name a moment after it was started.
  for (int i = 0; i < 1'000 && readers() < readers_of_grpc(); ++i) std::this_thread::sleep_for(1ms);
  looped_ = readers() - std::min(readers(), wanted);
  loops_.resize(looped_);
  for (Loop& loop : loops_) call_reader(&loop);
}

SpareReaders::~SpareReaders() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  changed_.notify_all();
  for (Loop& loop : loops_) {
    if (loop.next) loop.next->Cancel();
  }
  changed_.wait(lock, [this] { return looped_ == 0; });
}

Status SpareReaders::answering(const CallRecord& record) {
  called_ = true;
  if (record.code != grpc::StatusCode::RESOURCE_EXHAUSTED) return {};
  refused_ = Clock::now();
  if (resting_ > 0) {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  return {};
}

void SpareReaders::call_nobody(std::optional<Call>* call, std::function<void()> then) {
  call->emplace();
  const grpc::Slice nothing;
  (*call)->request = grpc::ByteBuffer(&nothing, 1);
  nobody_.UnaryCall(&(*call)->context, "/", {}, &(*call)->request, &(*call)->response,
                    [then = std::move(then)](const grpc::Status& /*nobody*/) { then(); });
}

bool SpareReaders::a_reader_answers() {
  const auto answer = std::make_shared<std::promise<bool>>();
  call_nobody(&first_call_, [answer] { answer->set_value(is_reader()); });
  return answer->get_future().get();
}

void SpareReaders::call_reader(Loop* loop) {
  call_nobody(&loop->call, [this, loop, called = Clock::now()] { come(called, loop); });
}

void SpareReaders::come(Clock::time_point called, Loop* loop) {
  std::unique_lock lock(mutex_);
  if (ending_) return leave();
  if (const Clock::duration wait = wait_to_rest(called); wait > Clock::duration::zero()) {
    // Another one: the last may still be at the end of what it did.
    loop->next.emplace();
    loop->next->Set(std::chrono::system_clock::now() + wait, [this, loop](bool due) {
      if (due) return call_reader(loop);
      const std::lock_guard ended(mutex_);
      leave();
    });
    return;
  }
  const Clock::time_point begin = Clock::now();
  ++resting_;
  changed_.wait_for(lock, called_.exchange(false) ? kTurn : kIdleTurn,
                    [&] { return ending_ || refused_.load() >= begin; });
  --resting_;
  lock.unlock();
  call_reader(loop);
}

SpareReaders::Clock::duration SpareReaders::wait_to_rest(Clock::time_point called) const {
  const Clock::time_point now = Clock::now();
  if (now - called >= kTurn || !is_reader()) return kTurn;
  return refused_.load() + kCalm - now;
}

void SpareReaders::leave() {
  --looped_;
  changed_.notify_all();
}

}  // namespace rekey::rpc
