// SPDX-License-Identifier: Apache-2.0
//
// As many threads that read as there are cores for them, while these can answer what comes.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>

#include "rpc/call_observer.h"

namespace rekey::rpc {

/// SpareReaders has those of gRPC's threads that read rest for which there is no core. gRPC 1.51
/// has at least two, however few cores a process may use, and each that finds something to do wakes
/// another to look out for what comes next: on one core these switches cost more than most calls.
///
/// But a thread that reads goes on for as long as more arrives on its connection, and leaves lying
/// what came over others, and what has arrived whole. So they rest for short turns, and not at all
/// while more comes than can be answered: when they come late to their turn, or calls are refused.
class SpareReaders final : public CallObserver {
 public:
  /// For so long they rest at a time: what lies waits no longer. Who needs as long to come has
  /// something to do.
  static constexpr std::chrono::milliseconds kTurn{2};
  /// The same while nobody calls.
  static constexpr std::chrono::milliseconds kIdleTurn{16};
  /// They rest again when for so long nobody was refused.
  static constexpr std::chrono::milliseconds kCalm{1'000};

  /// Leaves one thread a usable core (process/cores.h), and has the others rest until this object
  /// goes. Starts gRPC's threads. To be made before there are calls, which would keep it waiting.
  SpareReaders();
  ~SpareReaders() override;
  SpareReaders(const SpareReaders&) = delete;
  SpareReaders& operator=(const SpareReaders&) = delete;

  /// answering takes note of calls, and of RESOURCE_EXHAUSTED, as of which all read. Never holds an
  /// answer back.
  Status answering(const CallRecord& record) override;

  /// spare returns how many have no core, resting how many rest at the moment.
  [[nodiscard]] unsigned spare() const { return static_cast<unsigned>(loops_.size()); }
  [[nodiscard]] unsigned resting() const { return resting_; }

 private:
  using Clock = std::chrono::steady_clock;

  /// Call is one to nobody, and what gRPC asks to be kept until it has ended.
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
  };
  /// Loop has one spare thread called again and again. It is this object's, not the calls': who
  /// lets go of the channel last has to wait for gRPC's threads, and must be none of them.
  struct Loop {
    std::optional<Call> call;
    std::optional<grpc::Alarm> next;
  };

  /// Has `then` called by one of gRPC's threads.
  void call_nobody(std::optional<Call>* call, std::function<void()> then);
  [[nodiscard]] bool a_reader_answers();
  /// Makes a call to nobody: of its end gRPC tells one of its threads that read, which is to rest.
  /// Then, or when it had better not, after a while, there is the next call.
  void call_reader(Loop* loop);
  void come(Clock::time_point called, Loop* loop);
  /// How long the thread that was called then is to read before it may rest; not above 0: it may
  /// now.
  [[nodiscard]] Clock::duration wait_to_rest(Clock::time_point called) const;
  void leave();

  grpc::GenericStub nobody_;
  std::optional<Call> first_call_;
  std::list<Loop> loops_;                     ///< one for each spare thread
  std::atomic<bool> called_ = false;          ///< by anybody, since a turn began
  std::atomic<Clock::time_point> refused_{};  ///< when a call last was
  std::atomic<unsigned> resting_ = 0;         ///< threads; changes under the lock

  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned looped_ = 0;  ///< of loops_, those that go on
  bool ending_ = false;
};

}  // namespace rekey::rpc
