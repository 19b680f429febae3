// SPDX-License-Identifier: Apache-2.0
//
// What bounds the scheduler, and what each caller may have of it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace rekey::scheduler {

/// Share is what one caller may have.
struct Share {
  static constexpr std::uint32_t kMaxWeight = 1'000;

  /// Under load a caller gets AMSs in proportion to this, 1 to kMaxWeight.
  std::uint32_t weight = 1;
  /// How many AMSs a second a caller may ask for in the long run; 0: no limit.
  std::uint64_t items_per_s = 0;
  /// How many it may ask for at once after it has been quiet.
  std::uint64_t burst_items = 0;

  bool operator==(const Share&) const = default;
  [[nodiscard]] bool same_rate(const Share& other) const {
    return items_per_s == other.items_per_s && burst_items == other.burst_items;
  }
};

/// Shares says who may have what.
struct Shares {
  Share each{};                                       ///< of a caller not named below
  std::map<std::string, Share, std::less<>> named{};  ///< by caller

  [[nodiscard]] const Share& of(std::string_view caller) const {
    const auto found = named.find(caller);
    return found == named.end() ? each : found->second;
  }
};

/// Limits bounds everything the scheduler holds or hands out. A request counts as queued from its
/// admission until it is answered: for as long as it takes memory. The last eighth of the queue is
/// for callers that hold no more than an eighth of it, or nothing.
struct Limits {
  std::uint32_t batch_items = 65'536;
  std::uint64_t batch_octets = 256ULL << 20;
  /// How long a batch may take an engine, as far as it is known: what takes longer is cut. It is
  /// how long an urgent request can be stuck behind another.
  std::uint64_t batch_us = 500;

  std::uint32_t queue_requests = 16'384;
  std::uint64_t queue_items = 4ULL << 20;
  std::uint64_t queue_octets = 2ULL << 30;

  std::uint32_t caller_requests = 8'192;
  std::uint64_t caller_items = 2ULL << 20;
  std::uint64_t caller_octets = 1ULL << 30;

  /// While background work waits, at least one of this many batches is background work.
  std::uint32_t background_period = 8;
  /// A request is given up when this many batches it was part of have failed.
  std::uint32_t attempts = 3;
  /// How long a quarantined engine rests before its known answers are run. Doubled with every
  /// quarantine that follows soon, up to the most.
  std::uint64_t probe_us = 1'000'000;
  std::uint64_t probe_us_max = 600'000'000;
};

}  // namespace rekey::scheduler
