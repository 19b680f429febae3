// SPDX-License-Identifier: Apache-2.0
//
// Which entries of a column one thread works on: eight, a lane each. Neighbouring threads take
// neighbouring entries in each lane, so that what a warp reads and writes at once lies together.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/aes.h"
#include "cuda/host_device.h"

namespace rekey::cuda {

/// Lanes are the entries first, first + stride, ... of `count` that exist. `first` is one of them.
struct Lanes {
  std::uint32_t first = 0;
  std::uint32_t stride = 0;
  std::uint32_t count = 0;

  /// Whether a lane has an entry.
  REKEY_HOST_DEVICE bool has(std::size_t lane) const { return entry(lane) < count; }
  /// The entry of a lane; a lane without one does the work of the first lane once more, unseen.
  REKEY_HOST_DEVICE std::uint32_t operator[](std::size_t lane) const {
    return has(lane) ? entry(lane) : first;
  }

 private:
  REKEY_HOST_DEVICE std::uint32_t entry(std::size_t lane) const {
    return first + static_cast<std::uint32_t>(lane) * stride;
  }
};

/// lanes_of returns what thread `thread` of block `block` works on when every block has `threads`
/// threads; without a first entry the thread has nothing to do.
REKEY_HOST_DEVICE inline Lanes lanes_of(std::uint32_t block, std::uint32_t thread,
                                        std::uint32_t threads, std::uint32_t count) {
  return {block * threads * static_cast<std::uint32_t>(kAbreast) + thread, threads, count};
}

}  // namespace rekey::cuda
