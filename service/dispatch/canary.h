// SPDX-License-Identifier: Apache-2.0
//
// A known answer that rides hidden in a batch, so that an engine that begins to lie is found out
// even where few keys are verified.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "columns/input_columns.h"
#include "columns/result_columns.h"
#include "dispatch/merged_batch.h"
#include "rekey/batch.h"
#include "rekey/engine.h"
#include "scheduler/group_key.h"

namespace rekey::dispatch {

/// Canary is the AMS of the known answers (section 3 of the key-derivation specification), with the
/// keys that the referee derives for it.
class Canary {
 public:
  /// make derives the keys of a canary that fits a batch like `batch`. An error is the referee's.
  Status make(const CheckedBatch& batch, Engine& referee);
  /// again returns one of the same kind, with the keys that are known.
  [[nodiscard]] Canary again() const;

  /// hide puts the canary among `parts`, at AMS `lane` of the batch they make.
  void hide(std::vector<Part>* parts, std::uint32_t lane);

  /// right says, after the parts were derived and split, whether the canary has its keys.
  [[nodiscard]] bool right();

 private:
  struct Known {
    InputColumns columns;
    CheckedBatch batch;
    ResultColumns expected;
  };

  std::shared_ptr<const Known> known_;
  ResultColumns found_;
};

/// Canaries makes canaries, and keeps those of the kinds of batches that came last: the referee
/// takes longer for one than small batches do. Thread-safe.
class Canaries {
 public:
  /// take sets `*out_canary` to one that fits a batch like `batch`. Errors as Canary::make().
  Status take(const CheckedBatch& batch, Engine& referee, Canary* out_canary);
  /// forget has the referee asked again: somebody's keys were wrong.
  void forget();

 private:
  struct Kept {
    scheduler::GroupKey group;
    Canary canary;
  };

  std::mutex mutex_;
  std::deque<Kept> kept_;  ///< the latest first
};

/// CanaryTurn says which batches have a canary, and where: every kPeriod-th, each time one AMS
/// further. Thread-safe.
class CanaryTurn {
 public:
  static constexpr std::uint64_t kPeriod = 64;

  /// next is to be called once for each batch, of `items` AMSs. True when it has a canary, at AMS
  /// `*out_lane` of the items + 1 that it has then.
  bool next(std::uint32_t items, std::uint32_t* out_lane) {
    const std::uint64_t turn = batches_.fetch_add(1, std::memory_order_relaxed);
    if (turn % kPeriod != kPeriod - 1) return false;
    *out_lane = static_cast<std::uint32_t>(turn / kPeriod % (std::uint64_t{items} + 1));
    return true;
  }

 private:
  std::atomic<std::uint64_t> batches_ = 0;
};

}  // namespace rekey::dispatch
