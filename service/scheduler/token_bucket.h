// SPDX-License-Identifier: Apache-2.0
//
// A limit on how many AMSs a second one caller asks for.
#pragma once

#include <cstdint>

namespace rekey::scheduler {

/// TokenBucket fills at a steady rate up to its burst. A request is let in while the bucket is not
/// empty and may overdraw it, so that a request larger than the burst is possible, and paid for
/// afterwards.
class TokenBucket {
 public:
  /// A full bucket. `items_per_s` is not 0.
  TokenBucket(std::uint64_t items_per_s, std::uint64_t burst_items, std::uint64_t now_us);

  /// wait_us returns how long it takes until the bucket is not empty; 0 when it is not.
  [[nodiscard]] std::uint64_t wait_us(std::uint64_t now_us) const;
  [[nodiscard]] bool full(std::uint64_t now_us) const;
  void take(std::uint64_t items, std::uint64_t now_us);

 private:
  [[nodiscard]] std::int64_t level(std::uint64_t now_us) const;

  std::int64_t items_per_s_;  ///< also: millionths of an item a microsecond
  std::int64_t burst_;        ///< in millionths of an item, as is level_
  std::int64_t level_;
  std::uint64_t at_us_;
};

}  // namespace rekey::scheduler
