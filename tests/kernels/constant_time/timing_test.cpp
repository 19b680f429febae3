// SPDX-License-Identifier: Apache-2.0
//
// Whether the time of a batch tells anything about its PMKs. Timings with one fixed PMK and with
// random ones are taken in random order, all else being equal, and compared as leakage.h says.
//
// |t| above 4.5 is suspicious, and common on a machine that does other work; a leak stays. So an
// engine fails when |t| is above 10 three times in a row, each time with new keys and new timings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/constant_time/doubles.h"
#include "kernels/constant_time/leakage.h"
#include "kernels/constant_time/ticks.h"
#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/owned_result.h"

namespace rekey::test {
namespace {

constexpr double kLeakT = 10;
constexpr int kAttempts = 3;
constexpr std::size_t kTimings = 60'000;
constexpr std::uint32_t kBatchItems = 16;
constexpr std::size_t kBatchPmkOctets = kBatchItems * kPmkOctets;

/// PreparedKeys is the PMK columns of all timings, drawn beforehand: nothing about them may be left
/// to do between timings.
class PreparedKeys {
 public:
  explicit PreparedKeys(std::mt19937_64* random) : pmks_(kTimings * kBatchPmkOctets) {
    for (std::uint8_t& octet : pmks_) octet = static_cast<std::uint8_t>((*random)());
    for (std::size_t i = 0; i < kTimings; ++i) {
      classes_.push_back((*random)() % 2 == 0 ? KeyClass::kFixed : KeyClass::kRandom);
      if (classes_.back() == KeyClass::kRandom) continue;
      for (std::size_t item = 0; item < kBatchItems; ++item) {
        std::ranges::copy(kFixedPmk, column(i).subspan(item * kPmkOctets).begin());
      }
    }
  }

  [[nodiscard]] KeyClass key_class(std::size_t i) const { return classes_[i]; }
  [[nodiscard]] Octets column(std::size_t i) {
    return Octets(pmks_).subspan(i * kBatchPmkOctets, kBatchPmkOctets);
  }

 private:
  std::vector<std::uint8_t> pmks_;
  std::vector<KeyClass> classes_;
};

/// Times `engine` on batches of `variant` that differ in their PMKs alone.
std::vector<Timing> time_engine(Engine& engine, const Variant& variant, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  PreparedKeys keys(&random);
  BatchColumns columns = BatchColumns::random({.variant = variant, .count = kBatchItems}, seed);
  CheckedBatch batch;
  EXPECT_TRUE(check_batch(columns.input(), &batch).ok());
  const OwnedResult result(batch);

  std::vector<Timing> timings;
  timings.reserve(kTimings);
  for (std::size_t i = 0; i < kTimings; ++i) {
    // Every batch is derived from the same memory, so that nothing but its octets differs.
    std::ranges::copy(keys.column(i), columns.pmk.begin());
    const std::uint64_t begin = ticks_now();
    const Status status = engine.derive(batch, result.result());
    const std::uint64_t end = ticks_now();
    if (!status.ok()) {
      ADD_FAILURE() << status.message();
      return {};
    }
    timings.push_back({keys.key_class(i), static_cast<double>(end - begin)});
  }
  // The first ones find caches and predictors cold.
  timings.erase(timings.begin(), timings.begin() + kTimings / 20);
  return timings;
}

/// Attempts until one finds no leak, at most kAttempts.
std::vector<Leakage> attempt(Engine& engine, const Variant& variant) {
  std::vector<Leakage> found;
  for (int i = 0; i < kAttempts; ++i) {
    const auto timings = time_engine(engine, variant, std::random_device()());
    found.push_back(largest_leakage(timings));
    if (std::abs(found.back().t) <= kLeakT) break;
  }
  return found;
}

bool leaks(const std::vector<Leakage>& found) { return std::abs(found.back().t) > kLeakT; }

std::string describe(const std::vector<Leakage>& found) {
  std::ostringstream text;
  for (const Leakage& leakage : found) text << "t = " << leakage.t << " (" << leakage.test << ") ";
  return text.str();
}

/// BesideEngine lets a double derive after the best engine that is here: what the double's keys
/// change has to be seen in the noise of a real one.
class BesideEngine final : public Engine {
 public:
  explicit BesideEngine(std::unique_ptr<Engine> beside) : beside_(std::move(beside)) {}

  [[nodiscard]] std::string_view name() const override { return beside_->name(); }
  [[nodiscard]] std::string description() const override { return "a double beside an engine"; }
  [[nodiscard]] std::string unavailable_reason() const override { return {}; }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override {
    const Status status = engine_->derive(batch, result);
    return status.ok() ? beside_->derive(batch, result) : status;
  }
  Status cmac_all(const CmacBatch& batch, Octets macs) override {
    return engine_->cmac(batch, macs);
  }

 private:
  std::unique_ptr<Engine> engine_ =
      simd_targets().empty() ? make_openssl_engine() : make_simd_engine();
  std::unique_ptr<Engine> beside_;
};

TEST(TimingOfDoubles, AnEarlyExitIsSeen) {
  BesideEngine engine(make_early_exit_engine());
  const auto found = attempt(engine, {});
  EXPECT_TRUE(leaks(found)) << describe(found);
  RecordProperty("found", describe(found));
}

TEST(TimingOfDoubles, WorkWithoutABranchIsNotTakenForALeak) {
  BesideEngine engine(make_branch_free_engine());
  const auto found = attempt(engine, {});
  EXPECT_FALSE(leaks(found)) << describe(found);
  RecordProperty("found", describe(found));
}

class TimingOfTarget : public ::testing::TestWithParam<std::string_view> {};

TEST_P(TimingOfTarget, DoesNotTellThePmk) {
  const auto engine = make_simd_engine(GetParam());
  for (Profile profile : kAllProfiles) {
    const auto found = attempt(*engine, {.profile = profile});
    EXPECT_FALSE(leaks(found)) << to_string(profile) << ": " << describe(found);
    RecordProperty(std::string(to_string(profile)), describe(found));
  }
}

INSTANTIATE_TEST_SUITE_P(Simd, TimingOfTarget, ::testing::ValuesIn(simd_targets()),
                         [](const auto& target) { return std::string(target.param); });

// On a machine with none of the instruction sets.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TimingOfTarget);

}  // namespace
}  // namespace rekey::test
