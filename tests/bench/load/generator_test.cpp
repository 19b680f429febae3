// SPDX-License-Identifier: Apache-2.0
//
// The clock of a load, with links that answer in this thread.
#include "load/generator.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace rekey::bench::load {
namespace {

using namespace std::chrono_literals;

/// Answers every job at once, after it has done what the test asks for; or none until given up.
class FakeLink final : public Link {
 public:
  using OnSend = std::function<Verdict(const Job&)>;

  FakeLink(Listener* listener, bool answers, OnSend on_send)
      : listener_(listener), answers_(answers), on_send_(std::move(on_send)) {}

  void send(const Job& job) override {
    const Verdict verdict = on_send_ ? on_send_(job) : Verdict();
    if (answers_) return listener_->ended({job, Clock::now(), 0, {}, verdict});
    silent_.push_back(job);
  }

  void give_up() override {
    constexpr int kDeadlineExceeded = 4;
    for (const Job& job : std::exchange(silent_, {})) {
      listener_->ended({job, Clock::now(), kDeadlineExceeded, "too late", {}});
    }
  }

 private:
  Listener* listener_;
  bool answers_;
  OnSend on_send_;
  std::vector<Job> silent_;
};

class GeneratorTest : public testing::Test {
 protected:
  GeneratorTest() {
    scenario_.warm_up = 50ms;
    scenario_.measured = 300ms;
    scenario_.timeout = 50ms;
    scenario_.arrivals = Even{1'000};
  }

  Counts run(bool answers = true, FakeLink::OnSend on_send = {}, RunOptions options = {}) {
    EXPECT_EQ(RequestPool::make(scenario_, &pool_), Status());
    Counts counts;
    const auto open = [&](Listener* listener, std::unique_ptr<Link>* link) {
      *link = std::make_unique<FakeLink>(listener, answers, on_send);
      return Status();
    };
    EXPECT_EQ(run_load(scenario_, *pool_, open, options, &counts), Status());
    return counts;
  }

  Scenario scenario_;
  std::unique_ptr<RequestPool> pool_;
};

TEST_F(GeneratorTest, SendsWhatIsDueAndLeavesTheWarmUpOut) {
  std::uint64_t sent = 0;
  const Counts counts = run(true, [&](const Job&) {
    ++sent;
    return Verdict();
  });
  EXPECT_EQ(sent, 350U);
  EXPECT_EQ(counts.due, 300U);
  EXPECT_EQ(counts.answered, 300U);
  EXPECT_EQ(counts.answered_ams, 300U);
  EXPECT_EQ(counts.latency.count(), 300U);
  EXPECT_EQ(counts.failed + counts.unsent + counts.wrong, 0U);
  EXPECT_EQ(counts.timeline.size(), 3U);
}

TEST_F(GeneratorTest, SpeedMultipliesTheRate) {
  EXPECT_EQ(run(true, {}, {.speed = 3, .on_measurement = {}, .on_progress = {}}).due, 900U);
}

TEST_F(GeneratorTest, CountsTheWaitBeforeALateSending) {
  bool slept = false;
  const Counts counts = run(true, [&](const Job& job) {
    if (job.id == 100 && !std::exchange(slept, true)) std::this_thread::sleep_for(100ms);
    return Verdict();
  });
  // The hundred that became due meanwhile waited for 100 ms to 0 ms, although each was answered as
  // soon as it was sent.
  EXPECT_EQ(counts.answered, 300U);
  EXPECT_GE(counts.latency.count_above(50ms), 48U);
  EXPECT_GE(counts.send_lag.count_above(50ms), 47U);
  EXPECT_GE(counts.latency.quantile(0.99), 95ms);
}

TEST_F(GeneratorTest, DoesNotSendMoreThanItCanKeepAndSaysSo) {
  scenario_.warm_up = 0ms;
  scenario_.arrivals = Bursts{70'000, 1'000};
  const Counts counts = run(false);
  EXPECT_EQ(counts.due, 70'000U);
  EXPECT_EQ(counts.unsent, 70'000U - kMaxUnderWay);
  EXPECT_EQ(counts.failed, kMaxUnderWay);
  EXPECT_EQ(counts.errors.at("DEADLINE_EXCEEDED"), kMaxUnderWay);
  EXPECT_EQ(counts.first_error, "too late");
  EXPECT_EQ(counts.latency.count(), 0U);
}

TEST_F(GeneratorTest, StopsAtAWrongKeyEvenInTheWarmUp) {
  scenario_.verified_share = 1;
  scenario_.measured = 1h;
  const Counts counts = run(true, [&](const Job& job) {
    return Verdict{0, job.id == 5 ? "ak" : ""};
  });
  EXPECT_EQ(counts.wrong, 1U);
  EXPECT_EQ(counts.first_wrong, "ak");
  EXPECT_EQ(counts.verified, 5U);
}

TEST_F(GeneratorTest, VerifiesTheShareThatWasAskedFor) {
  scenario_.arrivals = Even{10'000};
  scenario_.verified_share = 0.25;
  EXPECT_NEAR(run().verified, 3'500 / 4, 130);
  scenario_.verified_share = 0;
  EXPECT_EQ(run().verified, 0U);
}

TEST_F(GeneratorTest, ReplayEndsTheRun) {
  scenario_.warm_up = 0ms;
  scenario_.measured = 1h;
  scenario_.arrivals = Replay{{0ms, 1ms, 20ms}};
  EXPECT_EQ(run().answered, 3U);
}

TEST_F(GeneratorTest, ClosedLoopKeepsTheNumberUnderWay) {
  scenario_.arrivals = Closed{3};
  const Counts counts = run(false);
  EXPECT_EQ(counts.due + counts.failed, counts.failed * 2);
  EXPECT_LE(counts.failed, 3U);
}

TEST_F(GeneratorTest, TellsWhenTheMeasurementBegins) {
  scenario_.measured = 1'800ms;
  std::atomic<int> begun = 0;
  std::atomic<int> told = 0;
  run(true, {},
      {.speed = 1,
       .on_measurement = [&] { ++begun; },
       .on_progress =
           [&](const Progress& progress) {
             ++told;
             EXPECT_FALSE(progress.warming_up);
             EXPECT_GT(progress.so_far.answered, 0U);
           }});
  EXPECT_EQ(begun, 1);
  EXPECT_GE(told, 1);
}

}  // namespace
}  // namespace rekey::bench::load
