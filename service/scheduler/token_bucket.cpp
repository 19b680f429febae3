// SPDX-License-Identifier: Apache-2.0
#include "scheduler/token_bucket.h"

#include <algorithm>
#include <cassert>

namespace rekey::scheduler {
namespace {

constexpr std::int64_t kItem = 1'000'000;
/// Keeps all sums far from overflowing.
constexpr std::uint64_t kMostItems = 1'000'000'000'000;

}  // namespace

TokenBucket::TokenBucket(std::uint64_t items_per_s, std::uint64_t burst_items, std::uint64_t now_us)
    : items_per_s_(static_cast<std::int64_t>(std::min(items_per_s, kMostItems))),
      burst_(static_cast<std::int64_t>(std::clamp<std::uint64_t>(burst_items, 1, kMostItems)) *
             kItem),
      level_(burst_),
      at_us_(now_us) {
  assert(items_per_s > 0);
}

std::int64_t TokenBucket::level(std::uint64_t now_us) const {
  const std::uint64_t passed_us = now_us - at_us_;
  const auto to_fill = static_cast<std::uint64_t>(burst_ - level_);
  if (passed_us >= to_fill / static_cast<std::uint64_t>(items_per_s_) + 1) return burst_;
  return level_ + static_cast<std::int64_t>(passed_us) * items_per_s_;
}

std::uint64_t TokenBucket::wait_us(std::uint64_t now_us) const {
  const std::int64_t now = level(now_us);
  return now >= kItem ? 0 : static_cast<std::uint64_t>((kItem - now) / items_per_s_ + 1);
}

bool TokenBucket::full(std::uint64_t now_us) const { return level(now_us) == burst_; }

void TokenBucket::take(std::uint64_t items, std::uint64_t now_us) {
  level_ = level(now_us) - static_cast<std::int64_t>(std::min(items, kMostItems)) * kItem;
  at_us_ = now_us;
}

}  // namespace rekey::scheduler
