// SPDX-License-Identifier: Apache-2.0
//
// A stream's reactor under random histories, on threads that a sanitizer can follow.
#include "rpc/stream_call.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "dispatch/deriver.h"
#include "dispatch/machine.h"
#include "rekey/engines.h"
#include "service/support/expect_right.h"
#include "service/support/fake_stream.h"
#include "service/support/requests.h"

namespace rekey::rpc {
namespace {

/// Stream is one whose messages are written and read like a client's.
class Stream {
 public:
  explicit Stream(StreamCall* call) : stream_(call) {}

  void send(const v1::DeriveBatchRequest& request) {
    const grpc::Slice octets(request.SerializeAsString());
    send_octets(octets);
  }
  void send_octets(const grpc::Slice& octets) {
    sent_.push_back(octets);
    stream_.send(grpc::ByteBuffer(&octets, 1));
  }
  void half_close() { stream_.half_close(); }
  void cancel() { stream_.cancel(); }
  grpc::Status wait() { return stream_.wait(); }
  /// The answers that are sent together with a later one; those in a row.
  [[nodiscard]] std::size_t most_held_back() const {
    std::size_t most = 0;
    std::size_t in_a_row = 0;
    for (const bool held_back : stream_.held_back()) {
      in_a_row = held_back ? in_a_row + 1 : 0;
      most = std::max(most, in_a_row);
    }
    return most;
  }
  [[nodiscard]] bool last_is_held_back() const { return stream_.held_back().back(); }

  [[nodiscard]] std::vector<v1::DeriveBatchResponse> answers() const {
    std::vector<v1::DeriveBatchResponse> answers;
    for (grpc::ByteBuffer octets : stream_.answers()) {
      EXPECT_TRUE(grpc::SerializationTraits<v1::DeriveBatchResponse>::Deserialize(
                      &octets, &answers.emplace_back())
                      .ok());
    }
    return answers;
  }

 private:
  /// What gRPC frees when it counts no more references, ThreadSanitizer does not see it count: this
  /// is always the last one.
  std::vector<grpc::Slice> sent_;
  test::FakeStream<grpc::ByteBuffer, grpc::ByteBuffer> stream_;
};

/// Calls turns on a thread of its own, in the order in which they were queued.
class TurnThread {
 public:
  ~TurnThread() {
    queue(nullptr);
    thread_.join();
  }

  bool queue(Turn* turn) {
    const std::lock_guard lock(mutex_);
    turns_.push_back(turn);
    changed_.notify_one();
    return true;
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return !turns_.empty(); });
      Turn* turn = turns_.front();
      turns_.pop_front();
      if (turn == nullptr) return;
      lock.unlock();
      turn->functor_run(turn, 1);
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Turn*> turns_;
  std::thread thread_{[this] { run(); }};
};

/// Engines and workers for any number of streams.
class StreamCallTest : public ::testing::Test {
 protected:
  StreamCallTest() {
    std::vector<std::unique_ptr<Engine>> engines;
    engines.push_back(make_openssl_ecb_engine());
    EXPECT_EQ(dispatch::EnginePool::create(std::move(engines), make_openssl_engine(),
                                           dispatch::kAutoEngine, {}, &pool_)
                  .message(),
              "");
    deriver_ = std::make_unique<dispatch::Deriver>(pool_.get(), &clock_, &random_,
                                                   dispatch::Verify::kSampled);
    dispatcher_ = std::make_unique<dispatch::Dispatcher>(
        pool_.get(), deriver_.get(), &clock_, scheduler::Limits{},
        dispatch::describe(*pool_, clock_, /*cpu_slots=*/2));
  }

  StreamCall* make_call() {
    ++open_;
    return new StreamCall(
        dispatcher_.get(), {"caller", scheduler::kNever},
        [this](Turn* turn) { return turns_.queue(turn); }, [this](StreamCall*) { --open_; });
  }

  dispatch::SteadyClock clock_;
  dispatch::SystemRandom random_;
  std::unique_ptr<dispatch::EnginePool> pool_;
  std::unique_ptr<dispatch::Deriver> deriver_;
  std::unique_ptr<dispatch::Dispatcher> dispatcher_;
  std::atomic<int> open_ = 0;
  TurnThread turns_;
};

v1::DeriveBatchRequest numbered(std::uint64_t sequence) {
  v1::DeriveBatchRequest request =
      test::known_columns(sequence % 2 == 0 ? v1::PROFILE_16M_DRAFT : v1::PROFILE_LEGACY_16E,
                          static_cast<std::uint32_t>(sequence % 7));
  request.set_sequence(sequence);
  return request;
}

/// Expects that all answers are right and none came twice.
void expect_right_and_single(const Stream& stream) {
  std::set<std::uint64_t> sequences;
  for (const v1::DeriveBatchResponse& response : stream.answers()) {
    EXPECT_TRUE(sequences.insert(response.sequence()).second);
    test::expect_right(numbered(response.sequence()), response);
  }
}

TEST_F(StreamCallTest, EveryRequestIsAnsweredOnce) {
  constexpr std::uint64_t kRequests = 300;
  Stream stream(make_call());
  for (std::uint64_t i = 0; i < kRequests; ++i) stream.send(numbered(i));
  stream.half_close();
  EXPECT_TRUE(stream.wait().ok());
  EXPECT_EQ(stream.answers().size(), kRequests);
  expect_right_and_single(stream);
  EXPECT_EQ(open_, 0);
}

TEST_F(StreamCallTest, AnswersAreSentTogetherAndNoneStaysBehind) {
  constexpr std::uint64_t kRequests = 2'000;
  Stream stream(make_call());
  for (std::uint64_t i = 0; i < kRequests; ++i) stream.send(numbered(i));
  stream.half_close();
  EXPECT_TRUE(stream.wait().ok());
  EXPECT_EQ(stream.answers().size(), kRequests);
  EXPECT_GT(stream.most_held_back(), 0U);
  EXPECT_LT(stream.most_held_back(), 8U);
  EXPECT_FALSE(stream.last_is_held_back());
}

TEST_F(StreamCallTest, AMalformedRequestEndsItAfterEarlierAnswers) {
  Stream stream(make_call());
  for (std::uint64_t i = 0; i < 40; ++i) stream.send(numbered(i));
  v1::DeriveBatchRequest malformed = numbered(41);
  malformed.clear_pmk();
  stream.send(malformed);
  for (std::uint64_t i = 42; i < 60; ++i) stream.send(numbered(i));
  EXPECT_EQ(stream.wait().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(stream.answers().size(), 40U);
  expect_right_and_single(stream);
}

TEST_F(StreamCallTest, OctetsThatAreNoMessageEndItAfterEarlierAnswers) {
  Stream stream(make_call());
  for (std::uint64_t i = 0; i < 5; ++i) stream.send(numbered(i));
  stream.send_octets(grpc::Slice("no message"));
  EXPECT_EQ(stream.wait().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(stream.answers().size(), 5U);
}

TEST_F(StreamCallTest, CancelledAtAnyMomentItEndsAndLeavesNothing) {
  std::minstd_rand random(1);
  for (int history = 0; history < 60; ++history) {
    Stream stream(make_call());
    std::thread client([&stream, requests = random() % 100] {
      for (std::uint64_t i = 0; i < requests; ++i) stream.send(numbered(i));
    });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 3'000));
    stream.cancel();
    client.join();
    // Nobody is left to see the status. All may have been answered before the cancellation is seen.
    const grpc::StatusCode code = stream.wait().error_code();
    EXPECT_TRUE(code == grpc::StatusCode::CANCELLED || code == grpc::StatusCode::OK) << code;
    expect_right_and_single(stream);
  }
  EXPECT_TRUE(dispatcher_->wait_idle(std::chrono::seconds(60)));
  EXPECT_EQ(open_, 0);
}

TEST_F(StreamCallTest, EndedAtAnyMomentItAnswersWhatItAccepted) {
  std::minstd_rand random(2);
  for (int history = 0; history < 60; ++history) {
    StreamCall* call = make_call();
    Stream stream(call);
    for (std::uint64_t i = 0; i < 50; ++i) stream.send(numbered(i));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 3'000));
    // The client never half-closes, so the stream is still there.
    call->end({grpc::StatusCode::UNAVAILABLE, "ended"});
    EXPECT_EQ(stream.wait().error_code(), grpc::StatusCode::UNAVAILABLE);
    // What was accepted is a prefix of what was sent, and all of it is answered.
    std::set<std::uint64_t> sequences;
    for (const auto& response : stream.answers()) sequences.insert(response.sequence());
    EXPECT_TRUE(sequences.empty() || *sequences.rbegin() + 1 == sequences.size());
    expect_right_and_single(stream);
  }
  EXPECT_EQ(open_, 0);
}

}  // namespace
}  // namespace rekey::rpc
