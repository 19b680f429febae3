// SPDX-License-Identifier: Apache-2.0
#include "engines/sweep.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engines/formulas.h"
#include "engines/openssl_ways.h"

namespace rekey::bench {
namespace {

constexpr Plan kShortSweep{3, std::chrono::nanoseconds(1)};
constexpr std::array<std::uint32_t, 3> kSizes = {1, 16, 64};

class Wrong final : public Contender {
 public:
  [[nodiscard]] std::string name() const override { return "wrong"; }
  [[nodiscard]] std::string description() const override { return "one octet is not right"; }
  Status admit() override { return {}; }
  Status derive(const CheckedBatch& batch, const BatchResult& result) override {
    Status status = right_->derive(batch, result);
    result.ak.back() ^= 1;
    return status;
  }

 private:
  std::unique_ptr<Contender> right_ = make_formulas(make_openssl_reused());
};

TEST(Sweep, ComparesWithABatchOf1024OrTheLastSize) {
  EXPECT_EQ(sweep_reference(default_sweep_sizes()), 1'024U);
  EXPECT_EQ(sweep_reference(kSizes), 64U);
}

TEST(Sweep, RelatesTheCostOfAnAmsToTheReferenceSizes) {
  const auto contenders = make_simd_contenders({});
  const ProfileSweep sweep = run_sweep(Profile::k16mDraft, kSizes, kShortSweep, contenders);
  ASSERT_TRUE(sweep.good());
  ASSERT_EQ(sweep.contenders.size(), 1U);
  const auto& points = sweep.contenders[0].points;
  ASSERT_EQ(points.size(), kSizes.size());
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    EXPECT_EQ(points[i].ams, kSizes[i]);
    EXPECT_GT(points[i].ams_per_second.min, 0);
    EXPECT_GT(points[i].cost_ratio.min, 0);
  }
  EXPECT_DOUBLE_EQ(points.back().cost_ratio.min, 1);
  EXPECT_DOUBLE_EQ(points.back().cost_ratio.max, 1);
}

TEST(Sweep, MeasuresNothingWhenAKeyDiffers) {
  std::vector<std::unique_ptr<Contender>> contenders;
  contenders.push_back(make_formulas(make_openssl_reused()));
  contenders.push_back(std::make_unique<Wrong>());
  const ProfileSweep sweep = run_sweep(Profile::kLegacy16e, kSizes, kShortSweep, contenders);
  EXPECT_FALSE(sweep.good());
  EXPECT_EQ(sweep.contenders[1].outcome, Outcome::kMismatch);
  EXPECT_TRUE(sweep.contenders[0].points.empty());
}

}  // namespace
}  // namespace rekey::bench
