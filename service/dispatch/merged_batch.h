// SPDX-License-Identifier: Apache-2.0
//
// Several callers' requests as one batch, and its keys back to each.
#pragma once

#include <cstddef>
#include <span>

#include "columns/input_columns.h"
#include "columns/result_columns.h"
#include "dispatch/job.h"
#include "rekey/batch.h"

namespace rekey::dispatch {

/// MergedBatch copies the columns of jobs that belong to one group, one job after the other.
class MergedBatch {
 public:
  /// load takes over the jobs' columns. An error means that the jobs do not belong together.
  Status load(std::span<Job* const> jobs);

  [[nodiscard]] const CheckedBatch& batch() const { return batch_; }
  [[nodiscard]] BatchResult result() { return results_.spans(); }

  /// split copies one job's keys out of the result. `first` is where the job's items begin: the
  /// position and the SAs of all jobs before it; it is moved past this job.
  void split(Job* job, ItemRange* first);

 private:
  InputColumns columns_;
  CheckedBatch batch_;
  ResultColumns results_;
};

}  // namespace rekey::dispatch
