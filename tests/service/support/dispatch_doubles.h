// SPDX-License-Identifier: Apache-2.0
//
// Chance, jobs and engines for the dispatch tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dispatch/engine_pool.h"
#include "dispatch/job.h"
#include "dispatch/random.h"
#include "rekey/engines.h"
#include "service/support/engine_double.h"
#include "support/batch_builder.h"
#include "support/owned_result.h"

namespace rekey::test {

/// FixedRandom always draws the same number.
class FixedRandom final : public dispatch::Random {
 public:
  explicit FixedRandom(std::uint32_t number) : number_(number) {}
  std::uint32_t below(std::uint32_t) override { return number_; }

 private:
  std::uint32_t number_;
};

/// TestJob is a job with memory of its own, and can tell whether its keys are right.
class TestJob final : public dispatch::Job {
 public:
  explicit TestJob(const BatchShape& shape, std::uint64_t seed = 1)
      : columns_(BatchColumns::random(shape, seed)) {
    EXPECT_EQ(check_batch(columns_.input(), &batch_), Status());
  }

  // To be set before the job is submitted.
  std::string name = "caller";
  scheduler::Priority urgency = scheduler::Priority::kHandover;
  std::uint64_t until_us = scheduler::kNever;

  [[nodiscard]] const CheckedBatch& batch() const override { return batch_; }
  [[nodiscard]] scheduler::Priority priority() const override { return urgency; }
  [[nodiscard]] std::string_view caller() const override { return name; }
  [[nodiscard]] std::uint64_t deadline_us() const override { return until_us; }
  BatchResult begin_results() override { return result_.emplace(batch_).result(); }
  void done(const dispatch::Ending& ending) override {
    served_ = ending.served;
    done_.set_value(ending.outcome);
  }

  /// wait blocks until done() and returns the outcome. To be called once.
  scheduler::Outcome wait() { return done_.get_future().get(); }
  [[nodiscard]] const dispatch::Served& served() const { return served_; }
  [[nodiscard]] OwnedResult& result() { return *result_; }
  [[nodiscard]] bool begun() const { return result_.has_value(); }

  /// What is wrong with the keys; empty when they are the referee's.
  std::string difference() {
    if (!result_) return "no results";
    OwnedResult expected(batch_);
    EXPECT_EQ(make_openssl_engine()->derive(batch_, expected.result()), Status());
    return first_difference(batch_, expected, *result_);
  }

 private:
  BatchColumns columns_;
  CheckedBatch batch_;
  std::optional<OwnedResult> result_;
  std::promise<scheduler::Outcome> done_;
  dispatch::Served served_;
};

/// pool_of_double returns a pool that prefers an EngineDouble, "fast", which has derived nothing
/// since it was admitted; OpenSSL stands in for it and is the referee.
inline std::unique_ptr<dispatch::EnginePool> pool_of_double(EngineDouble** out_fast) {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::make_unique<EngineDouble>("fast"));
  *out_fast = static_cast<EngineDouble*>(engines.back().get());
  engines.push_back(make_openssl_ecb_engine());
  std::unique_ptr<dispatch::EnginePool> pool;
  EXPECT_EQ(
      dispatch::EnginePool::create(std::move(engines), make_openssl_engine(), "fast", {}, &pool),
      Status());
  (*out_fast)->derivations = 0;
  return pool;
}

}  // namespace rekey::test
