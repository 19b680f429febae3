// SPDX-License-Identifier: Apache-2.0
//
// Several columns in one piece of memory, each from a cache line on where they are long: engines
// can then store them past the caches.
#pragma once

#include <cstddef>
#include <memory_resource>

#include "rekey/secret.h"

namespace rekey {

/// in_cache_lines rounds a column's size up to whole cache lines.
constexpr std::size_t in_cache_lines(std::size_t octets) {
  constexpr std::size_t kLine = 64;
  return (octets + kLine - 1) / kLine * kLine;
}

/// columns_memory returns memory for columns of `octets` octets together. It begins with a cache
/// line unless the columns are short: those are not stored past the caches, and to find a place for
/// them would take longer than to fill them.
inline SecretBuffer columns_memory(std::size_t octets) {
  constexpr std::size_t kShort = 1'024;
  if (octets <= kShort) return SecretBuffer(octets, std::pmr::new_delete_resource());
  return SecretBuffer(octets);
}

}  // namespace rekey
