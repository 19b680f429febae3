// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers in rows. Bad rows fail alone, each with its own error; the good ones become
// columns.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "columns/input_columns.h"
#include "columns/result_columns.h"
#include "columns/wiped_octets.h"
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

  /// answer_head returns the answer without its rows and without how it was served.
  [[nodiscard]] v1::DeriveResponse answer_head() const;
  /// answer returns the rows of the answer, from what was written to the columns of
  /// begin_results(). A bad row has its error and no keys. These octets and those of the head, one
  /// after the other, are the whole answer. Before them are `room` octets for the caller to fill.
  [[nodiscard]] WipedOctets answer(std::size_t room = 0) const;

 private:
  const v1::DeriveRequest* request_ = nullptr;
  scheduler::Priority priority_ = scheduler::Priority::kHandover;
  std::vector<Status> row_status_;  ///< one a row
  InputColumns columns_;
  CheckedBatch batch_;
  ResultColumns results_;
};

}  // namespace rekey::wire
