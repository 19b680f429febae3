// SPDX-License-Identifier: Apache-2.0
#include "scheduler/group_key.h"

#include <algorithm>
#include <tuple>

namespace rekey::scheduler {

GroupKey GroupKey::of(const CheckedBatch& batch) {
  GroupKey key{.profile = batch.profile(), .options = batch.options(), .outputs = batch.outputs()};
  std::ranges::copy(batch.tek_counters(), key.tek_counters.begin());
  key.tek_counter_count = static_cast<std::uint8_t>(batch.tek_counters().size());
  return key;
}

bool GroupKey::operator<(const GroupKey& other) const {
  const auto comparable = [](const GroupKey& key) {
    return std::tuple(key.profile, key.options.nonce_first, key.options.said_octets,
                      key.options.msid_privacy_off, key.outputs.bits(), key.tek_counter_count,
                      key.tek_counters);
  };
  return comparable(*this) < comparable(other);
}

}  // namespace rekey::scheduler
