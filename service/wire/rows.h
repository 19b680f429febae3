// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers in rows. Bad rows fail alone, each with its own error; the good ones become
// columns.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "columns/input_columns.h"
#include "columns/result_columns.h"
#include "columns/wiped_octets.h"
#include "rekey/batch.h"
#include "rekey/status.h"
#include "rekey/v1/key_derivation.pb.h"
#include "scheduler/priority.h"
#include "wire/input_row.h"

namespace rekey::wire {

/// RowsRequest is a DeriveRequest, with the good rows as a batch.
class RowsRequest {
 public:
  /// parse takes a message of `size` octets apart. The octets must outlive this object unchanged; a
  /// row that does not lie in one piece is copied. kInvalidArgument when they are no DeriveRequest.
  Status parse(google::protobuf::io::ZeroCopyInputStream* octets, std::size_t size);

  /// How many AMSs the message speaks of, before check().
  [[nodiscard]] std::uint32_t count() const { return count_; }

  /// check checks everything about a parsed request and copies its good rows. A request that is
  /// malformed as a whole, or passes a limit of limits.h, is kInvalidArgument naming the field,
  /// what was expected and what was found.
  Status check();

  /// The good rows, in the request's order; empty when there is none, and before check().
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
  bool read_row(google::protobuf::io::CodedInputStream* in, std::size_t size);

  v1::DeriveRequest rest_;      ///< all but the rows
  std::vector<InputRow> rows_;  ///< as many as one request may have at most
  Numbers saids_;               ///< of all rows
  std::uint32_t count_ = 0;     ///< of rows that there are
  std::vector<WipedOctets> copied_;
  scheduler::Priority priority_ = scheduler::Priority::kHandover;
  std::vector<Status> row_status_;  ///< one a row, once checked
  InputColumns columns_;
  CheckedBatch batch_;
  ResultColumns results_;
};

}  // namespace rekey::wire
