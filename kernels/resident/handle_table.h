// SPDX-License-Identifier: Apache-2.0
//
// Which slots of a set are taken, and by whom. It holds no key, and is not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rekey/resident.h"

namespace rekey {

/// HandleTable gives out handles. A slot is free, taken, or retired: no longer anybody's, but not
/// wiped yet.
class HandleTable {
 public:
  /// Serials begin after `serials_before`, so that handles of one set mean nothing to another.
  HandleTable(std::uint32_t capacity, std::uint64_t serials_before);

  /// Slots that take() can give out.
  [[nodiscard]] std::uint32_t free() const { return static_cast<std::uint32_t>(free_.size()); }
  /// Slots that are taken.
  [[nodiscard]] std::uint32_t taken() const;

  /// take gives out a free slot, of which there must be one.
  ContextHandle take(std::uint8_t sa_count);
  /// Whether the handle names somebody.
  [[nodiscard]] bool names_somebody(const ContextHandle& handle) const;
  /// retire makes the handle name nobody from now on. False when it named nobody before.
  bool retire(const ContextHandle& handle);

  /// Slots to be wiped.
  [[nodiscard]] std::span<const std::uint32_t> retired() const { return retired_; }
  /// release_retired makes the retired slots, which were wiped, free.
  void release_retired();

 private:
  struct Slot {
    std::uint64_t serial = 0;  ///< 0: nobody's
    std::uint8_t sa_count = 0;
  };

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> retired_;
  std::uint64_t last_serial_;
};

}  // namespace rekey
