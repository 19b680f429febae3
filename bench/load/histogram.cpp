// SPDX-License-Identifier: Apache-2.0
#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

namespace rekey::bench::load {
namespace {

constexpr unsigned kStepBits = 10;  // buckets of a power of two: 2^10
constexpr std::uint64_t kSteps = 1ULL << kStepBits;
constexpr unsigned kLongestBits = 40;  // 2^40 ns: 18 minutes
constexpr std::uint64_t kLongest = (1ULL << kLongestBits) - 1;

/// Below 2^(kStepBits + 1) every nanosecond has a bucket of its own.
std::size_t bucket_of(std::uint64_t ns) {
  const auto width = static_cast<unsigned>(std::bit_width(ns));
  const unsigned shift = width > kStepBits + 1 ? width - kStepBits - 1 : 0;
  return shift * kSteps + (ns >> shift);
}

/// The longest time of a bucket.
std::uint64_t end_of(std::size_t bucket) {
  const std::uint64_t shift = bucket < 2 * kSteps ? 0 : bucket / kSteps - 1;
  return ((bucket - shift * kSteps + 1) << shift) - 1;
}

std::uint64_t in_range(std::chrono::nanoseconds time) {
  return std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)), kLongest);
}

}  // namespace

Histogram::Histogram() : counts_(bucket_of(kLongest) + 1) {}

void Histogram::record(std::chrono::nanoseconds time) {
  ++counts_[bucket_of(in_range(time))];
  ++count_;
  max_ = std::max(max_, time);
  sum_ += std::max(time, std::chrono::nanoseconds(0));
}

void Histogram::add(const Histogram& other) {
  std::ranges::transform(counts_, other.counts_, counts_.begin(), std::plus<>());
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

std::chrono::nanoseconds Histogram::quantile(double q) const {
  if (count_ == 0) return std::chrono::nanoseconds(0);
  // A product that rounding left just above a whole number is that number.
  const double share = std::ceil(q * static_cast<double>(count_) - 1e-6);
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(share));
  std::uint64_t seen = 0;
  std::size_t bucket = 0;
  while ((seen += counts_[bucket]) < rank && bucket + 1 < counts_.size()) ++bucket;
  if (bucket + 1 == counts_.size()) return max_;
  return std::min(std::chrono::nanoseconds(end_of(bucket)), max_);
}

std::uint64_t Histogram::count_above(std::chrono::nanoseconds time) const {
  const auto first = static_cast<std::ptrdiff_t>(bucket_of(in_range(time))) + 1;
  return std::accumulate(counts_.begin() + first, counts_.end(), std::uint64_t{0});
}

std::chrono::nanoseconds Histogram::mean() const {
  if (count_ == 0) return std::chrono::nanoseconds(0);
  return sum_ / static_cast<std::int64_t>(count_);
}

}  // namespace rekey::bench::load
