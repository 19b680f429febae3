// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cost_model.h"

#include <algorithm>
#include <cmath>

namespace rekey::scheduler {
namespace {

constexpr double kLeastAmsUs = 1e-4;
constexpr double kLeastFixedUs = 0.1;
constexpr double kMostUs = 1e9;
/// How far one measurement moves the prediction, of the way to what was measured.
constexpr double kPace = 0.125;
/// A measurement counts as at most this many times the prediction, and as at least its inverse.
constexpr double kStray = 4;

}  // namespace

CostModel::CostModel(double fixed_us, double ams_us)
    : fixed_us_(std::clamp(fixed_us, kLeastFixedUs, kMostUs)),
      ams_us_(std::clamp(ams_us, kLeastAmsUs, kMostUs)) {}

std::uint64_t CostModel::predict_us(std::uint64_t effort) const {
  return static_cast<std::uint64_t>(std::ceil(fixed_us_ + ams_us_ * static_cast<double>(effort)));
}

std::uint64_t CostModel::effort_within(std::uint64_t us) const {
  const double left_us = static_cast<double>(us) - fixed_us_;
  // More than any batch holds, and small enough to convert.
  return left_us <= 0 ? 0 : static_cast<std::uint64_t>(std::min(left_us / ams_us_, 1e15));
}

void CostModel::learn(std::uint64_t effort, std::uint64_t us) {
  const double per_ams = ams_us_ * static_cast<double>(effort);
  const double predicted = fixed_us_ + per_ams;
  const double ratio = std::clamp(static_cast<double>(us) / predicted, 1 / kStray, kStray);
  const double step = kPace * (ratio - 1);
  fixed_us_ = std::clamp(fixed_us_ * (1 + step * fixed_us_ / predicted), kLeastFixedUs, kMostUs);
  ams_us_ = std::clamp(ams_us_ * (1 + step * per_ams / predicted), kLeastAmsUs, kMostUs);
}

}  // namespace rekey::scheduler
