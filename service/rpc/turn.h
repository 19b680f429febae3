// SPDX-License-Identifier: Apache-2.0
//
// Has something called behind what gRPC has already received.
#pragma once

#include <grpc/grpc.h>

#include <functional>
#include <utility>

namespace rekey::rpc {

/// Turn is a call of a function that gRPC's threads can be given among the completions of a call.
class Turn : public grpc_completion_queue_functor {
 public:
  explicit Turn(std::function<void()> run)
      : grpc_completion_queue_functor{.functor_run = [](grpc_completion_queue_functor* turn,
                                                        int) { static_cast<Turn*>(turn)->run_(); },
                                      .inlineable = 1,
                                      .internal_success = 0,
                                      .internal_next = nullptr},
        run_(std::move(run)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::function<void()> run_;
};

/// QueueTurn has a turn called once, later and on any thread, and returns whether it will be. Until
/// it was called, the turn must not be queued again, and the call not be finished.
using QueueTurn = std::function<bool(Turn* turn)>;

/// behind_messages_of queues turns behind the completions that wait for gRPC's threads: once a turn
/// comes, the reactor of `call` has seen the message that it asked for, if that had arrived.
inline QueueTurn behind_messages_of(grpc_call* call) {
  return [call](Turn* turn) {
    // A batch of no operations is complete at once.
    return grpc_call_start_batch(call, nullptr, 0, turn, nullptr) == GRPC_CALL_OK;
  };
}

}  // namespace rekey::rpc
