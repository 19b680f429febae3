// SPDX-License-Identifier: Apache-2.0
#include "engines/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engines/formulas.h"
#include "engines/openssl_ways.h"

namespace rekey::bench {
namespace {

using testing::HasSubstr;

const Plan kShort{2, std::chrono::nanoseconds(1)};

/// The baseline's keys, with whatever goes wrong that a test asks for.
class Fake final : public Contender {
 public:
  struct Behaviour {
    Status admission;
    Status derivation;
    int good_derivations = 0;  ///< before `derivation` is returned
    bool wrong_akid = false;
  };

  explicit Fake(Behaviour behaviour) : behaviour_(std::move(behaviour)) {}

  [[nodiscard]] std::string name() const override { return "fake"; }
  [[nodiscard]] std::string description() const override { return "a fake"; }
  Status admit() override { return behaviour_.admission; }
  Status derive(const CheckedBatch& batch, const BatchResult& result) override {
    if (behaviour_.good_derivations-- <= 0 && !behaviour_.derivation.ok()) {
      return behaviour_.derivation;
    }
    const Status status = right_->derive(batch, result);
    if (behaviour_.wrong_akid) result.akid[3 * kAkidOctets] ^= 1;
    return status;
  }

 private:
  Behaviour behaviour_;
  std::unique_ptr<Contender> right_ = make_formulas(make_openssl_loop());
};

ProfileReport run_beside_baseline(Fake::Behaviour behaviour) {
  std::vector<std::unique_ptr<Contender>> contenders;
  contenders.push_back(make_formulas(make_openssl_loop()));
  contenders.push_back(std::make_unique<Fake>(std::move(behaviour)));
  return run_profile(Profile::k16mDraft, 5, kShort, contenders);
}

TEST(Run, MeasuresThoseThatAreRight) {
  const ProfileReport report = run_beside_baseline({});
  EXPECT_TRUE(report.good());
  ASSERT_EQ(report.contenders.size(), 2U);
  for (const ContenderReport& contender : report.contenders) {
    EXPECT_EQ(contender.outcome, Outcome::kMeasured);
    EXPECT_GT(contender.ams_per_second.min, 0);
    EXPECT_LE(contender.ams_per_second.median, contender.ams_per_second.max);
  }
  const Summary* to_itself = report.contenders[0].ratio_to("openssl-loop");
  ASSERT_NE(to_itself, nullptr);
  EXPECT_DOUBLE_EQ(to_itself->min, 1);
  EXPECT_DOUBLE_EQ(to_itself->max, 1);
  const Summary* there = report.contenders[0].ratio_to("fake");
  const Summary* back = report.contenders[1].ratio_to("openssl-loop");
  ASSERT_NE(there, nullptr);
  ASSERT_NE(back, nullptr);
  EXPECT_DOUBLE_EQ(there->min * back->max, 1);
  EXPECT_EQ(report.contenders[1].ratio_to("nobody"), nullptr);
}

TEST(Run, MeasuresNothingWhenAKeyDiffers) {
  Fake::Behaviour behaviour;
  behaviour.wrong_akid = true;
  const ProfileReport report = run_beside_baseline(behaviour);
  EXPECT_FALSE(report.good());
  EXPECT_EQ(report.contenders[1].outcome, Outcome::kMismatch);
  EXPECT_THAT(report.contenders[1].reason, HasSubstr("akid at place 3"));
  EXPECT_EQ(report.contenders[0].ams_per_second.median, 0);
}

TEST(Run, RefusesAnEngineWhoseKnownAnswersAreWrong) {
  Fake::Behaviour behaviour;
  behaviour.admission = {Code::kFailedPrecondition, "known answer x"};
  const ProfileReport report = run_beside_baseline(behaviour);
  EXPECT_FALSE(report.good());
  EXPECT_EQ(report.contenders[1].outcome, Outcome::kRefused);
  EXPECT_EQ(report.contenders[1].reason, "known answer x");
}

TEST(Run, GoesOnWithoutAnEngineThatCannotRunHere) {
  Fake::Behaviour behaviour;
  behaviour.admission = {Code::kUnavailable, "no such device"};
  const ProfileReport report = run_beside_baseline(behaviour);
  EXPECT_TRUE(report.good());
  EXPECT_EQ(report.contenders[1].outcome, Outcome::kUnavailable);
  EXPECT_GT(report.contenders[0].ams_per_second.median, 0);
}

TEST(Run, ReportsAFailureBeforeAndWhileMeasuring) {
  for (int good_derivations : {0, 2}) {
    Fake::Behaviour behaviour;
    behaviour.derivation = {Code::kInternal, "device lost"};
    behaviour.good_derivations = good_derivations;
    const ProfileReport report = run_beside_baseline(behaviour);
    EXPECT_FALSE(report.good());
    EXPECT_EQ(report.contenders[1].outcome, Outcome::kFailed);
    EXPECT_EQ(report.contenders[1].reason, "device lost");
  }
}

}  // namespace
}  // namespace rekey::bench
