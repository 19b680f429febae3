// SPDX-License-Identifier: Apache-2.0
//
// What a scenario leaves to chance: whole numbers and times, drawn from a seed, the same on every
// machine.
#pragma once

#include <cstdint>
#include <vector>

#include "wave/random.h"

namespace rekey::bench::load {

/// Distribution is of whole numbers: ranges, each with a weight, within which all are as likely.
class Distribution {
 public:
  struct Range {
    std::uint64_t low = 0;
    std::uint64_t high = 0;  ///< included; at least `low`
    std::uint64_t weight = 1;
  };

  /// Always `value`.
  explicit Distribution(std::uint64_t value) : Distribution({Range{value, value, 1}}) {}
  /// `ranges` is not empty, and their weights do not add up to 0.
  explicit Distribution(std::vector<Range> ranges);

  [[nodiscard]] std::uint64_t draw(wave::Random* random) const;
  [[nodiscard]] std::uint64_t min() const;
  [[nodiscard]] std::uint64_t max() const;
  [[nodiscard]] double mean() const;

 private:
  std::vector<Range> ranges_;
  std::uint64_t weights_ = 0;
};

/// draw_unit returns a number from 0 to 1, 1 excluded.
double draw_unit(wave::Random* random);

/// draw_exponential returns a number of the exponential distribution with this mean.
double draw_exponential(double mean, wave::Random* random);

}  // namespace rekey::bench::load
