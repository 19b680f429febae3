// SPDX-License-Identifier: Apache-2.0
//
// The parts of a batch that an engine of this machine's cores derives: where copying them together
// costs more than it saves, each by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dispatch/deriver.h"
#include "dispatch/merged_batch.h"
#include "rekey/engine.h"
#include "scheduler/work.h"

namespace rekey::dispatch {

/// A part of so many AMSs is derived in place. The vector engine takes a third more time for an AMS
/// of a batch of 64 than of a large one, which is less than it takes to copy its columns.
inline constexpr std::uint32_t kInPlaceItems = 64;

/// PartsDerivation says how parts were derived.
struct PartsDerivation {
  scheduler::BatchOutcome outcome = scheduler::BatchOutcome::kUnverified;
  std::uint64_t engine_us = 0;  ///< of all of them together
  std::uint64_t verify_us = 0;  ///< of all of them together
  std::vector<bool> verified;   ///< every key of the part was re-derived
};

/// derive_whole derives a batch that is one part.
PartsDerivation derive_whole(Deriver& deriver, Engine& engine, const CheckedBatch& batch,
                             const BatchResult& result);

/// derive_parts derives parts that belong to one group: large ones in place, the small ones
/// together. It stops at the first outcome that is not kDone; the results are then of no use.
PartsDerivation derive_parts(Deriver& deriver, Engine& engine, std::span<const Part> parts);

/// verified_parts says of each part whether a sample of the batch that they make covers it.
std::vector<bool> verified_parts(const Sample& sample, std::span<const Part> parts);

}  // namespace rekey::dispatch
