// SPDX-License-Identifier: Apache-2.0
//
// Several columns in one piece of memory, each from a cache line on: engines can then store long
// ones past the caches.
#pragma once

#include <cstddef>

namespace rekey {

/// in_cache_lines rounds a column's size up to whole cache lines.
constexpr std::size_t in_cache_lines(std::size_t octets) {
  constexpr std::size_t kLine = 64;
  return (octets + kLine - 1) / kLine * kLine;
}

}  // namespace rekey
