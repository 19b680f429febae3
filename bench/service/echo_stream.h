// SPDX-License-Identifier: Apache-2.0
//
// One stream of the echo server: reads ahead while it writes.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>
#include <mutex>
#include <utility>

namespace rekey::bench {

/// EchoStream answers every message of a stream, in order. `Base` is a bidirectional reactor of
/// the generated or the generic kind; `copy` makes an answer from a request. It deletes itself when
/// gRPC is done with it.
template <typename Base, typename Request, typename Response,
          void (*copy)(const Request&, Response*)>
class EchoStream final : public Base {
 public:
  EchoStream() { this->StartRead(&reading_); }

  void OnReadDone(bool ok) override {
    std::unique_lock lock(mutex_);
    if (!ok) {
      ended_ = true;
    } else {
      auto answer = std::make_unique<Response>();
      copy(reading_, answer.get());
      answers_.push_back(std::move(answer));
      if (answers_.size() == 1) this->StartWrite(answers_.front().get());
      read_if_room();
    }
    finish_if_done(std::move(lock));
  }

  void OnWriteDone(bool ok) override {
    std::unique_lock lock(mutex_);
    answers_.pop_front();
    if (!ok) {
      answers_.clear();
      ended_ = true;
    }
    if (!answers_.empty()) this->StartWrite(answers_.front().get());
    if (!ended_ && !reads_) read_if_room();
    finish_if_done(std::move(lock));
  }

  void OnDone() override { delete this; }

 private:
  /// As many answers as rekeyd keeps of one stream.
  static constexpr std::size_t kMaxUnanswered = 64;

  void read_if_room() {
    reads_ = answers_.size() < kMaxUnanswered;
    if (reads_) this->StartRead(&reading_);
  }

  void finish_if_done(std::unique_lock<std::mutex> lock) {
    const bool finish = ended_ && answers_.empty() && !std::exchange(finished_, ended_);
    // From Finish() on gRPC may delete the stream.
    lock.unlock();
    if (finish) this->Finish(grpc::Status::OK);
  }

  std::mutex mutex_;
  Request reading_;
  std::deque<std::unique_ptr<Response>> answers_;  ///< the first is being written
  bool reads_ = true;
  bool ended_ = false;
  bool finished_ = false;
};

}  // namespace rekey::bench
