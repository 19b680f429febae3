// SPDX-License-Identifier: Apache-2.0
//
// Cuts a batch into ranges that several threads derive at the same time.
#pragma once

#include <cstddef>
#include <vector>

#include "rekey/batch.h"
#include "simd/batch_range.h"

namespace rekey::simd {

// Work is counted in usual AMSs: those with one security association of two TEKs.

/// A batch of less work is derived sooner than another thread wakes up and helps.
inline constexpr std::size_t kMinSplitAms = 4'096;
/// The least work of a range, but for the last: less would not be worth a call.
inline constexpr std::size_t kMinRangeAms = 512;
/// The most work of a range, if `abreast` AMSs are not more.
inline constexpr std::size_t kMaxRangeAms = 4'096;

/// worth_splitting returns whether `batch` is at least kMinSplitAms of work.
bool worth_splitting(const CheckedBatch& batch);

/// split_batch cuts `batch` into ranges for `threads` threads, in the order of its AMSs. They
/// become smaller towards the end, so that all threads finish at about the same time. Every range
/// but the last has a multiple of `abreast` AMSs. The batch is not empty.
std::vector<BatchRange> split_batch(const CheckedBatch& batch, std::size_t abreast,
                                    unsigned threads);

}  // namespace rekey::simd
