// SPDX-License-Identifier: Apache-2.0
//
// CMAC_KEY_COUNT on the network's side (key-derivation specification, section 6).
//
// M is the count that the AMS sends, B the count of the context that is held at the ABS it names,
// N the next count that the network expects. A count below N may have derived keys before, at any
// ABS: only a context that is still held answers for it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "rekey/octets.h"

namespace rekey::contexts {

/// What N is when every count has been used up: no count reaches it.
inline constexpr std::uint32_t kCountsSpent = kMaxCmacKeyCount + 1;

enum class CountVerdict : std::uint8_t {
  kStale,   ///< M < B, or below N without a context: stale or replayed
  kCached,  ///< M = B: the keys of the context that is held serve
  kFresh,   ///< M > B: keys are derived for M
};

/// lowest_fresh returns the smallest M that keys are derived for.
constexpr std::uint32_t lowest_fresh(std::uint32_t next, std::optional<std::uint32_t> held) {
  return held ? std::max(next, *held + 1) : next;
}

/// judge_count compares M, at most kMaxCmacKeyCount, with N and, if there is one, B.
constexpr CountVerdict judge_count(std::uint32_t sent, std::uint32_t next,
                                   std::optional<std::uint32_t> held) {
  if (held && sent == *held) return CountVerdict::kCached;
  return sent < lowest_fresh(next, held) ? CountVerdict::kStale : CountVerdict::kFresh;
}

/// next_after returns N once M has been accepted: never lower than it was, never wrapped.
constexpr std::uint32_t next_after(std::uint32_t next, std::uint32_t accepted) {
  return std::max(next, accepted + 1);
}

/// near_end says whether re-authentication is to be requested: fewer than `margin` counts are left.
constexpr bool near_end(std::uint32_t next, std::uint32_t margin) {
  return kCountsSpent - next < margin;
}

}  // namespace rekey::contexts
