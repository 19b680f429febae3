// SPDX-License-Identifier: Apache-2.0
//
// Several requests' AMSs as one batch, and its keys back to each.
#pragma once

#include <cstddef>
#include <span>

#include "columns/input_columns.h"
#include "columns/result_columns.h"
#include "rekey/batch.h"

namespace rekey::dispatch {

/// Part is some AMSs, and where their keys are to go.
struct Part {
  CheckedBatch batch;
  BatchResult result;
};

/// MergedBatch copies the columns of parts that belong to one group, one part after the other.
class MergedBatch {
 public:
  /// load takes over the parts' columns. An error means that the parts do not belong together.
  Status load(std::span<const Part> parts);

  [[nodiscard]] const CheckedBatch& batch() const { return batch_; }
  [[nodiscard]] BatchResult result() { return results_.spans(); }

  /// split copies the keys to where each of the parts that were loaded wants them.
  void split(std::span<const Part> parts);

 private:
  InputColumns columns_;
  CheckedBatch batch_;
  ResultColumns results_;
};

}  // namespace rekey::dispatch
