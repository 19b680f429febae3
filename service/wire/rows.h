// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers in rows. Bad rows fail alone, each with its own error; the good ones become
// columns.
#pragma once

#include <string>
#include <vector>

#include "columns/input_columns.h"
#include "columns/result_columns.h"
#include "rekey/batch.h"
#include "rekey/status.h"
#include "rekey/v1/key_derivation.pb.h"
#include "scheduler/priority.h"

namespace rekey::wire {

/// RowsRequest is a request that was found well formed as a whole, with the good rows as a batch.
class RowsRequest {
 public:
  /// load checks everything about a request and copies its good rows. `request` must outlive this
  /// object unchanged. A request that is malformed as a whole, or passes a limit of limits.h, is
  /// kInvalidArgument naming the field, what was expected and what was found.
  Status load(const v1::DeriveRequest& request);

  /// The good rows, in the request's order; empty when there is none.
  [[nodiscard]] const CheckedBatch& batch() const { return batch_; }
  [[nodiscard]] scheduler::Priority priority() const { return priority_; }

  /// begin_results makes room for the results and returns the columns for an engine to write.
  BatchResult begin_results();

  /// write_response sets the profile and the rows of the answer, from what was written to the
  /// columns of begin_results(). A bad row has its error and no keys.
  void write_response(v1::DeriveResponse* out_response);

 private:
  void write_keys(const BatchResult& keys, const v1::AmsInput& row, v1::AmsKeys* out_keys) const;

  const v1::DeriveRequest* request_ = nullptr;
  scheduler::Priority priority_ = scheduler::Priority::kHandover;
  std::vector<Status> row_status_;  ///< one a row
  InputColumns columns_;
  CheckedBatch batch_;
  ResultColumns results_;
};

}  // namespace rekey::wire
