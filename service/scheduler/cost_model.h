// SPDX-License-Identifier: Apache-2.0
//
// How long a batch takes: a fixed time, and a time for each AMS.
#pragma once

#include <cstdint>

namespace rekey::scheduler {

/// CostModel predicts and learns. It starts from a calibration and follows what batches take.
class CostModel {
 public:
  CostModel() = default;
  /// Neither may be negative; an AMS takes some time, however little.
  CostModel(double fixed_us, double ams_us);

  /// predict_us returns how long a batch of `effort` AMSs takes.
  [[nodiscard]] std::uint64_t predict_us(std::uint64_t effort) const;
  /// effort_within returns how many AMSs a batch of `us` holds; 0 when not even one fits.
  [[nodiscard]] std::uint64_t effort_within(std::uint64_t us) const;
  /// learn takes note that a batch took `us`. The fixed part and the part for each AMS are
  /// corrected as they contributed to the prediction, so that small batches teach the one and large
  /// ones the other. One stray measurement moves little.
  void learn(std::uint64_t effort, std::uint64_t us);

  [[nodiscard]] double fixed_us() const { return fixed_us_; }
  [[nodiscard]] double ams_us() const { return ams_us_; }

 private:
  double fixed_us_ = 10;
  double ams_us_ = 0.1;
};

}  // namespace rekey::scheduler
