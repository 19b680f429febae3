// SPDX-License-Identifier: Apache-2.0
//
// A request as the dispatcher sees it: columns in, columns out, and somebody to tell.
#pragma once

#include <cstdint>
#include <string>

#include "rekey/batch.h"
#include "rekey/status.h"
#include "scheduler/priority.h"

namespace rekey::dispatch {

/// Served says how an answer came to be.
struct Served {
  std::string engine;
  std::uint64_t batch_items = 0;
  std::uint64_t queue_us = 0;
  std::uint64_t engine_us = 0;
  bool verified = false;  ///< every key of this answer was re-derived with the referee
};

/// Job is one request that waits for its keys. It stays alive and its batch unchanged from submit()
/// until done() was called or cancel() returned true.
class Job {
 public:
  virtual ~Job() = default;

  /// Never empty.
  [[nodiscard]] virtual const CheckedBatch& batch() const = 0;
  [[nodiscard]] virtual scheduler::Priority priority() const = 0;
  /// begin_results makes room for the keys, only once they are about to be derived, and returns
  /// where to write them. Called at most once, on a worker's thread.
  virtual BatchResult begin_results() = 0;
  /// done ends the job, which may be destroyed within. When `status` is not success, no key was
  /// written. Called at most once, on a worker's thread.
  virtual void done(const Status& status, const Served& served) = 0;
};

}  // namespace rekey::dispatch
