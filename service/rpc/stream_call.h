// SPDX-License-Identifier: Apache-2.0
//
// One DeriveStream call: many requests in flight, answered as they become ready.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "dispatch/dispatcher.h"
#include "rpc/call_info.h"
#include "rpc/turn.h"

namespace rekey::rpc {

/// StreamCall reads requests while fewer than the limits of wire/limits.h are unanswered, and ends
/// once it may read no more and everything accepted is answered. Answers that are ready together
/// are sent together: a system call costs as much as several small ones. It deletes itself when
/// gRPC is done with it.
class StreamCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  /// `on_done` is called with this object just before it deletes itself.
  StreamCall(dispatch::Dispatcher* dispatcher, CallInfo info, QueueTurn queue_turn,
             std::function<void(StreamCall*)> on_done);
  ~StreamCall() override;

  /// end stops reading. What was accepted is answered, then the stream ends with `status`.
  void end(const grpc::Status& status);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  class Request;
  /// Numbers the requests of the stream.
  using Number = std::uint64_t;

  /// Answers, refuses or submits a request. The lock is let go while the dispatcher has it.
  void accept(std::unique_ptr<Request> request, std::unique_lock<std::mutex>* lock);
  void answer(const Request& request, const grpc::Status& status);
  void end_locked(const grpc::Status& status);
  /// Starts what can be started: a read, a write. Returns whether the stream is to be finished,
  /// which the caller does after it let go of the lock: from then on OnDone() may delete the
  /// stream.
  [[nodiscard]] bool advance_locked();
  /// Reads on, if that may be and no read is under way.
  void read_locked();
  /// Writes the next answer, or lets what has arrived have its turn first, so that its answers can
  /// go along.
  void write_locked();
  void start_write_locked();
  void on_turn();

  dispatch::Dispatcher* dispatcher_;
  const CallInfo info_;
  const QueueTurn queue_turn_;
  std::function<void(StreamCall*)> on_done_;

  std::mutex mutex_;
  std::unique_ptr<Request> reading_;
  std::unordered_map<Number, std::unique_ptr<Request>> accepted_;  ///< not yet derived
  std::deque<std::unique_ptr<Request>> answered_;                  ///< to be written
  std::unique_ptr<Request> writing_;
  std::size_t held_back_ = 0;  ///< answers that gRPC keeps until it is given the next
  bool busy_ = false;          ///< the last request came while an answer was not yet sent
  bool turn_queued_ = false;
  Turn turn_;
  Number next_number_ = 1;
  std::uint64_t unanswered_items_ = 0;  ///< of accepted_, answered_ and writing_
  std::optional<grpc::Status> end_;     ///< set: no more is read; fixed once finished_
  bool cancelled_ = false;
  bool finished_ = false;
};

}  // namespace rekey::rpc
