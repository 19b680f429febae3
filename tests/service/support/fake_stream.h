// SPDX-License-Identifier: Apache-2.0
//
// Stands in for gRPC beneath a stream's reactor, with threads of its own. gRPC as Debian builds it
// is invisible to ThreadSanitizer, which then cannot judge code that runs on gRPC's threads; on
// these it can.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace rekey::test {

/// FakeStream plays the client and the library: it keeps one read, one write and the end under way,
/// and runs the reactions to reads and to writes on different threads.
template <typename Request, typename Response>
class FakeStream final : public grpc::ServerCallbackReaderWriter<Request, Response> {
 public:
  using Reactor = grpc::ServerBidiReactor<Request, Response>;

  explicit FakeStream(Reactor* reactor) : reactor_(reactor) {
    this->BindReactor(reactor);
    reader_ = std::thread([this] { react_to_reads(); });
    writer_ = std::thread([this] { react_to_writes_and_end(); });
  }

  /// send adds a request of the client.
  void send(Request request) {
    change([&] { sent_.push_back(std::move(request)); });
  }
  /// half_close ends the client's requests.
  void half_close() {
    change([&] { half_closed_ = true; });
  }
  /// cancel has the client vanish.
  void cancel() {
    {
      const std::lock_guard lock(mutex_);
      if (finished_) return;
      ++reactions_;
      cancelled_ = true;
      changed_.notify_all();
    }
    reactor_->OnCancel();
    change([&] { --reactions_; });
  }

  /// wait blocks until OnDone() was called, and returns the status of the stream.
  grpc::Status wait() {
    reader_.join();
    writer_.join();
    return *finished_;
  }
  /// What was written. To be called after wait().
  [[nodiscard]] const std::vector<Response>& answers() const { return answers_; }
  /// Of each answer, whether gRPC may keep it until there is another. To be called after wait().
  [[nodiscard]] const std::vector<bool>& held_back() const { return held_back_; }

  void Finish(grpc::Status status) override {
    change([&] { finished_ = std::move(status); });
  }
  void SendInitialMetadata() override {}
  void Read(Request* request) override {
    change([&] { reading_ = request; });
  }
  void Write(const Response* response, grpc::WriteOptions options) override {
    change([&] {
      writing_ = response;
      held_back_.push_back(options.get_buffer_hint());
    });
  }
  void WriteAndFinish(const Response*, grpc::WriteOptions, grpc::Status) override { std::abort(); }

 private:
  void CallOnDone() override {}
  grpc::internal::ServerReactor* reactor() override { return reactor_; }

  template <typename Change>
  void change(Change apply) {
    // Notified under the lock: once it is free, the test may be done with this object.
    const std::lock_guard lock(mutex_);
    apply();
    changed_.notify_all();
  }

  void react_to_reads() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] {
        return finished_ || (reading_ != nullptr && (!sent_.empty() || half_closed_ || cancelled_));
      });
      if (reading_ == nullptr) return;
      Request* request = std::exchange(reading_, nullptr);
      const bool ok = !finished_ && !cancelled_ && !sent_.empty();
      if (ok) {
        *request = std::move(sent_.front());
        sent_.pop_front();
      }
      ++reactions_;
      lock.unlock();
      reactor_->OnReadDone(ok);
      lock.lock();
      --reactions_;
      changed_.notify_all();
    }
  }

  void react_to_writes_and_end() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] {
        return writing_ != nullptr || (finished_ && reading_ == nullptr && reactions_ == 0);
      });
      if (writing_ == nullptr) break;
      answers_.push_back(*std::exchange(writing_, nullptr));
      const bool ok = !cancelled_;
      ++reactions_;
      lock.unlock();
      reactor_->OnWriteDone(ok);
      lock.lock();
      --reactions_;
    }
    lock.unlock();
    reactor_->OnDone();
  }

  Reactor* reactor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> sent_;
  bool half_closed_ = false;
  bool cancelled_ = false;
  Request* reading_ = nullptr;
  const Response* writing_ = nullptr;
  std::optional<grpc::Status> finished_;
  int reactions_ = 0;  ///< under way
  std::vector<Response> answers_;
  std::vector<bool> held_back_;
  std::thread reader_;
  std::thread writer_;
};

}  // namespace rekey::test
