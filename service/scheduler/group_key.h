// SPDX-License-Identifier: Apache-2.0
//
// Which requests may share a batch.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "rekey/batch.h"

namespace rekey::scheduler {

/// GroupKey is everything that is said once for a whole batch. Requests with equal keys can be
/// derived as one.
struct GroupKey {
  Profile profile = Profile::k16mDraft;
  ProfileOptions options{};
  KeySet outputs{};
  std::array<std::uint16_t, kMaxTekCounters> tek_counters{};
  std::uint8_t tek_counter_count = 0;

  /// of returns the key of a batch that has been checked.
  static GroupKey of(const CheckedBatch& batch);

  bool operator==(const GroupKey&) const = default;
  /// Some total order, for maps.
  bool operator<(const GroupKey& other) const;
};

}  // namespace rekey::scheduler
