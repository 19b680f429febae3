// SPDX-License-Identifier: Apache-2.0
//
// Chance and jobs for the dispatch tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "dispatch/job.h"
#include "dispatch/random.h"
#include "rekey/engines.h"
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
  explicit TestJob(const BatchShape& shape, std::uint64_t seed = 1,
                   scheduler::Priority priority = scheduler::Priority::kHandover)
      : columns_(BatchColumns::random(shape, seed)), priority_(priority) {
    EXPECT_EQ(check_batch(columns_.input(), &batch_), Status());
  }

  [[nodiscard]] const CheckedBatch& batch() const override { return batch_; }
  [[nodiscard]] scheduler::Priority priority() const override { return priority_; }
  BatchResult begin_results() override { return result_.emplace(batch_).result(); }
  void done(const Status& status, const dispatch::Served& served) override {
    served_ = served;
    done_.set_value(status);
  }

  /// wait blocks until done() and returns its status. To be called once.
  Status wait() { return done_.get_future().get(); }
  [[nodiscard]] const dispatch::Served& served() const { return served_; }
  [[nodiscard]] OwnedResult& result() { return *result_; }

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
  scheduler::Priority priority_;
  std::optional<OwnedResult> result_;
  std::promise<Status> done_;
  dispatch::Served served_;
};

}  // namespace rekey::test
