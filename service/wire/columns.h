// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers in columns. Nothing is copied: a batch refers to the request's own strings,
// and an engine writes into the answer's.
#pragma once

#include "rekey/batch.h"
#include "rekey/status.h"
#include "rekey/v1/key_derivation.pb.h"
#include "scheduler/priority.h"

namespace rekey::wire {

/// ColumnsRequest is a request that was found well formed.
struct ColumnsRequest {
  CheckedBatch batch;
  scheduler::Priority priority = scheduler::Priority::kHandover;
};

/// check_columns checks everything about a request. The batch refers to `request`, which must
/// outlive it unchanged. A request that is malformed as a whole, or passes a limit of limits.h, is
/// kInvalidArgument naming the field, what was expected and what was found; a bad item only has its
/// code set.
Status check_columns(const v1::DeriveBatchRequest& request, ColumnsRequest* out_request);

/// begin_columns_response sets the profile, the sequence, the count and the codes of the answer,
/// gives every asked-for column its size, and returns the columns for an engine to write.
BatchResult begin_columns_response(const v1::DeriveBatchRequest& request, const CheckedBatch& batch,
                                   v1::DeriveBatchResponse* out_response);

}  // namespace rekey::wire
