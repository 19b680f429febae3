// SPDX-License-Identifier: Apache-2.0
//
// The sizes that decide how the GPU is filled, apart from the code that uses them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rekey/octets.h"

namespace rekey::cuda {

/// Each thread works on eight entries: small blocks spread a batch over more of the device.
inline constexpr std::uint32_t kThreadsPerBlock = 64;

/// Memory lent to Thrust for the scan of one chunk. The scan needs a few octets for every thousand
/// items.
inline constexpr std::size_t kScanScratchOctets = std::size_t{256} << 10;

/// Octets of messages that Engine::cmac() has on the device at a time, unless one message is
/// longer.
inline constexpr std::size_t kCmacChunkOctets = std::size_t{16} << 20;

/// Tuning bounds what is on the device at a time: a larger batch is derived in chunks. Tests choose
/// small ones.
struct Tuning {
  std::uint32_t chunk_items = 1U << 17;  ///< AMSs, or messages in Engine::cmac(); at least 1
  std::uint32_t chunk_teks = 1U << 19;   ///< at least kMaxTekCounters
};

static_assert(Tuning{}.chunk_items <= kMaxBatchItems);
static_assert(Tuning{}.chunk_teks >= kMaxTekCounters && Tuning{}.chunk_teks <= kMaxBatchTeks);

}  // namespace rekey::cuda
