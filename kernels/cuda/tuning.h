// SPDX-License-Identifier: Apache-2.0
//
// The sizes that decide how the GPU is filled, apart from the code that uses them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rekey/octets.h"

namespace rekey::cuda {

/// A thread works on eight entries, so that the threads are few: small blocks spread them over the
/// device.
inline constexpr std::uint32_t kThreadsPerBlock = 32;

/// Threads of a block that only copies, one unit each.
inline constexpr std::uint32_t kCopyThreadsPerBlock = 256;

/// Memory lent to Thrust for the scan of one chunk. The scan needs a few octets for every thousand
/// items.
inline constexpr std::size_t kScanScratchOctets = std::size_t{256} << 10;

/// A batch is spread over several chunks, so that copies hide behind kernels, unless the chunks
/// came out smaller than this: then starting them would cost more than is hidden.
inline constexpr std::uint32_t kSmallestSpreadItems = 4096;

/// The most TEKs that one AMS can have: the smallest chunk.
inline constexpr std::uint32_t kMaxTeksPerAms = kMaxSasPerAms * kMaxTekCounters;

/// Tuning bounds what is on the device at a time: a larger batch is derived in chunks of whole
/// AMSs. Tests choose small ones. As shipped a chunk takes about 7 MiB, whose copies take some
/// 0.1 ms on a PCIe 5 link: long beside the start of a kernel, short beside a handover.
struct Tuning {
  std::uint32_t chunk_items = 1U << 15;     ///< AMSs; at least 1
  std::uint32_t chunk_teks = 1U << 17;      ///< at least kMaxTeksPerAms
  std::uint32_t workspaces = 4;             ///< chunks on the device at a time; at least 1
  std::uint32_t workspaces_of_a_batch = 3;  ///< one copies in, one derives, one copies out
  /// A caller's column in pinned memory is copied by the device itself when its part in a chunk is
  /// at least this large: the host copies less in the time that one more copy takes to start.
  std::size_t direct_octets = std::size_t{32} << 10;
};

static_assert(Tuning{}.chunk_items <= kMaxBatchItems);
static_assert(Tuning{}.chunk_teks >= kMaxTeksPerAms && Tuning{}.chunk_teks <= kMaxBatchTeks);
static_assert(Tuning{}.workspaces_of_a_batch < Tuning{}.workspaces,
              "a large batch leaves one to others");

}  // namespace rekey::cuda
