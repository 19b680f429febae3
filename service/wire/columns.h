// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers in columns, between their octets on the wire and a batch. What is large is
// not copied: a batch refers to the request's octets, and an engine writes the answer's.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "columns/wiped_octets.h"
#include "rekey/batch.h"
#include "rekey/status.h"
#include "rekey/v1/key_derivation.pb.h"
#include "scheduler/priority.h"

namespace rekey::wire {

/// announced_count returns how many AMSs a DeriveBatchRequest says before its columns that it
/// speaks of; 0 where it does not say. What has no room need not be taken apart.
std::uint32_t announced_count(google::protobuf::io::ZeroCopyInputStream* octets);

/// ColumnsRequest is a DeriveBatchRequest.
class ColumnsRequest {
 public:
  /// parse takes a message of `size` octets apart. The octets must outlive this object unchanged; a
  /// column that does not lie in one piece is copied. kInvalidArgument when they are no
  /// DeriveBatchRequest.
  Status parse(google::protobuf::io::ZeroCopyInputStream* octets, std::size_t size);

  /// How many AMSs the message speaks of, before check().
  [[nodiscard]] std::uint32_t count() const { return rest_.count(); }

  /// check checks everything about a parsed request. One that is malformed as a whole, or passes a
  /// limit of limits.h, is kInvalidArgument naming the field, what was expected and what was found;
  /// a bad item only has its code set.
  Status check();

  /// Empty before check().
  [[nodiscard]] const CheckedBatch& batch() const { return batch_; }
  [[nodiscard]] scheduler::Priority priority() const { return priority_; }
  [[nodiscard]] std::uint64_t sequence() const { return rest_.sequence(); }

 private:
  static constexpr int kFirstColumn = v1::DeriveBatchRequest::kPmkFieldNumber;
  static constexpr int kLastColumn = v1::DeriveBatchRequest::kSaidsFieldNumber;

  [[nodiscard]] ConstOctets column(int field) const {
    return columns_[static_cast<std::size_t>(field - kFirstColumn)];
  }

  bool read_rest(google::protobuf::io::CodedInputStream* in, std::uint32_t tag);

  v1::DeriveBatchRequest rest_;                                      ///< all but the columns
  std::array<ConstOctets, kLastColumn - kFirstColumn + 1> columns_;  ///< by field number
  std::vector<WipedOctets> copied_;
  CheckedBatch batch_;
  scheduler::Priority priority_ = scheduler::Priority::kHandover;
};

/// ColumnsAnswer is the columns of a DeriveBatchResponse, as they are on the wire.
class ColumnsAnswer {
 public:
  ColumnsAnswer() = default;
  /// Has the codes, and room for every column that was asked for.
  explicit ColumnsAnswer(const CheckedBatch& batch);

  /// The columns, for an engine to write.
  [[nodiscard]] const BatchResult& result() const { return result_; }
  /// take gives away the octets.
  WipedOctets take() { return std::move(octets_); }

 private:
  WipedOctets octets_;
  BatchResult result_;
};

/// answer_head returns the answer to a checked request without its columns and without how it was
/// served. Its octets and those of the ColumnsAnswer, one after the other, are the whole answer.
v1::DeriveBatchResponse answer_head(const ColumnsRequest& request);

}  // namespace rekey::wire
