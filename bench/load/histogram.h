// SPDX-License-Identifier: Apache-2.0
//
// Counts of times, in the manner of HdrHistogram: any number of them in fixed memory, each within
// a thousandth of its value.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace rekey::bench::load {

/// Histogram counts times from 0 to 18 minutes; longer ones count as the longest, save for max().
/// Each power of two is divided into 1,024 buckets of equal width.
class Histogram {
 public:
  Histogram();

  /// record counts one time; a negative one counts as 0.
  void record(std::chrono::nanoseconds time);
  /// add counts what another histogram has counted.
  void add(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// quantile returns a time that the share `q` of all did not exceed, and at most a thousandth
  /// more than the smallest such; never more than max(). 0 when nothing was counted.
  [[nodiscard]] std::chrono::nanoseconds quantile(double q) const;
  /// count_above returns how many were longer than `time`, those in its own bucket left out.
  [[nodiscard]] std::uint64_t count_above(std::chrono::nanoseconds time) const;
  [[nodiscard]] std::chrono::nanoseconds max() const { return max_; }
  [[nodiscard]] std::chrono::nanoseconds mean() const;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds max_{0};
  std::chrono::nanoseconds sum_{0};
};

struct Percentile {
  std::string_view name;
  double q = 0;
};

/// The percentiles that reports show.
inline constexpr std::array kPercentiles = {Percentile{"p50", 0.5}, Percentile{"p90", 0.9},
                                            Percentile{"p99", 0.99}, Percentile{"p99.9", 0.999},
                                            Percentile{"p99.99", 0.9999}};

}  // namespace rekey::bench::load
