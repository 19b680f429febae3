// SPDX-License-Identifier: Apache-2.0
//
// Re-derives keys with the referee before they leave.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch/random.h"
#include "rekey/batch.h"
#include "rekey/engine.h"

namespace rekey::dispatch {

/// Verify says how many of the keys are re-derived.
enum class Verify : std::uint8_t {
  kOff,
  kSampled,  ///< one AMS in kSampleStride, at a random place
  kAll,
};

inline constexpr std::uint32_t kSampleStride = 1024;

/// Sample is which items of a batch are verified: every `stride`-th, from `phase` on.
struct Sample {
  std::uint32_t stride = 0;  ///< 0: none
  std::uint32_t phase = 0;

  /// draw chooses a sample for one batch.
  static Sample draw(Verify verify, Random& random);

  /// covers says whether all of `items` items from `first_item` on are in the sample.
  [[nodiscard]] bool covers(std::size_t first_item, std::size_t items) const;
  /// covers_all says whether every item of any batch is in the sample.
  [[nodiscard]] bool covers_all() const { return stride == 1; }

  /// count returns how many of `items` items are in the sample.
  [[nodiscard]] std::uint32_t count(std::uint32_t items) const {
    return stride == 0 || items <= phase ? 0 : (items - phase - 1) / stride + 1;
  }
};

enum class Verdict : std::uint8_t {
  kRight,
  kWrong,   ///< a key differs from the referee's
  kUnable,  ///< the referee failed: nothing is known about the keys
};

/// verify re-derives the sampled items of `batch` with `referee`, which is not the engine that
/// derived them, and compares every key of theirs in `result`. An empty sample is kRight.
Verdict verify(const CheckedBatch& batch, const BatchResult& result, const Sample& sample,
               Engine& referee);

}  // namespace rekey::dispatch
