// SPDX-License-Identifier: Apache-2.0
#include "load/distribution.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace rekey::bench::load {

Distribution::Distribution(std::vector<Range> ranges) : ranges_(std::move(ranges)) {
  for (const Range& range : ranges_) weights_ += range.weight;
  assert(weights_ > 0);
}

std::uint64_t Distribution::draw(wave::Random* random) const {
  std::uint64_t left = random->below(weights_);
  auto range = ranges_.begin();
  for (; left >= range->weight; ++range) left -= range->weight;
  return random->between(range->low, range->high);
}

std::uint64_t Distribution::min() const { return std::ranges::min(ranges_, {}, &Range::low).low; }

std::uint64_t Distribution::max() const { return std::ranges::max(ranges_, {}, &Range::high).high; }

double Distribution::mean() const {
  double sum = 0;
  for (const Range& range : ranges_) {
    sum += static_cast<double>(range.weight) * static_cast<double>(range.low + range.high) / 2;
  }
  return sum / static_cast<double>(weights_);
}

double draw_unit(wave::Random* random) {
  constexpr std::uint64_t kSteps = 1ULL << 53;  // as many as a double tells apart
  return static_cast<double>(random->below(kSteps)) / static_cast<double>(kSteps);
}

double draw_exponential(double mean, wave::Random* random) {
  return -mean * std::log1p(-draw_unit(random));
}

}  // namespace rekey::bench::load
