// SPDX-License-Identifier: Apache-2.0
#include "resident/handle_table.h"

#include <cassert>
#include <numeric>

namespace rekey {

HandleTable::HandleTable(std::uint32_t capacity, std::uint64_t serials_before)
    : slots_(capacity), free_(capacity), last_serial_(serials_before) {
  std::iota(free_.begin(), free_.end(), 0U);
}

std::uint32_t HandleTable::taken() const {
  return static_cast<std::uint32_t>(slots_.size() - free_.size() - retired_.size());
}

ContextHandle HandleTable::take(std::uint8_t sa_count) {
  assert(!free_.empty());
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  if (++last_serial_ == 0) ++last_serial_;
  slots_[slot] = {last_serial_, sa_count};
  return {last_serial_, slot, sa_count};
}

bool HandleTable::names_somebody(const ContextHandle& handle) const {
  if (handle.serial == 0 || handle.slot >= slots_.size()) return false;
  const Slot& slot = slots_[handle.slot];
  return slot.serial == handle.serial && slot.sa_count == handle.sa_count;
}

bool HandleTable::retire(const ContextHandle& handle) {
  if (!names_somebody(handle)) return false;
  slots_[handle.slot] = {};
  retired_.push_back(handle.slot);
  return true;
}

void HandleTable::release_retired() {
  free_.insert(free_.end(), retired_.begin(), retired_.end());
  retired_.clear();
}

}  // namespace rekey
