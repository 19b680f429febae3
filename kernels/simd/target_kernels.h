// SPDX-License-Identifier: Apache-2.0
//
// The vector code as the rest of the engine sees it: one entry for each instruction set it was
// compiled for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "rekey/batch.h"
#include "rekey/engine.h"
#include "simd/batch_range.h"

namespace rekey::simd {

/// TargetKernels is the vector code compiled for one instruction set, a "target". Both functions
/// return the `id` they were compiled with, as evidence of what ran, and leave no key material in
/// memory of their own.
struct TargetKernels {
  std::int64_t id = 0;        ///< Highway's bit for the target; a lower one is better
  std::string_view name;      ///< Highway's name for it, such as `AVX3_DL`
  std::uint32_t abreast = 0;  ///< AMSs derived at a time
  /// Derives the AMSs of `range`, which is not empty. Ranges that do not overlap may be derived at
  /// the same time.
  std::int64_t (*derive)(const CheckedBatch& batch, const BatchRange& range,
                         const BatchResult& result) = nullptr;
  std::int64_t (*cmac)(const CmacBatch& batch, Octets macs) = nullptr;
};

/// compiled_kernels returns every target's code, best first, whether this machine has it or not.
std::span<const TargetKernels> compiled_kernels();

/// runs_here returns whether this machine can run a target's code.
bool runs_here(const TargetKernels& kernels);

}  // namespace rekey::simd
