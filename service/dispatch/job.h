// SPDX-License-Identifier: Apache-2.0
//
// A request as the dispatcher sees it: columns in, columns out, and somebody to tell.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rekey/batch.h"
#include "rekey/status.h"
#include "scheduler/work.h"

namespace rekey::dispatch {

/// Served says how an answer came to be. A large request may have been derived in several batches.
struct Served {
  std::string engine;             ///< joined by `+` where there were several
  std::uint64_t batch_items = 0;  ///< of the largest batch
  std::uint64_t queue_us = 0;     ///< until its first batch
  std::uint64_t engine_us = 0;    ///< of all its batches together
  bool verified = false;          ///< every key of this answer was re-derived with the referee
};

/// Ending says how a job ended.
struct Ending {
  scheduler::Outcome outcome = scheduler::Outcome::kDone;
  Served served;
};

/// Job is one request that waits for its keys. It stays alive and its batch unchanged from submit()
/// until done() was called or cancel() returned true.
class Job {
 public:
  virtual ~Job() = default;

  /// Never empty.
  [[nodiscard]] virtual const CheckedBatch& batch() const = 0;
  [[nodiscard]] virtual scheduler::Priority priority() const = 0;
  /// Whose it is, for fair shares.
  [[nodiscard]] virtual std::string_view caller() const = 0;
  /// When its keys are of no use any more, by the dispatcher's clock; scheduler::kNever: always.
  [[nodiscard]] virtual std::uint64_t deadline_us() const = 0;
  /// begin_results makes room for the keys, only once they are about to be derived, and returns
  /// where to write them. Called at most once, on a thread that serves.
  virtual BatchResult begin_results() = 0;
  /// done ends the job, which may be destroyed within. When the outcome is not kDone, all that
  /// begin_results() returned is zero. Called at most once, on a thread that serves.
  virtual void done(const Ending& ending) = 0;
};

}  // namespace rekey::dispatch
