// SPDX-License-Identifier: Apache-2.0
//
// Memory of one's own for a batch's result, and which octets of each column are whose.
#pragma once

#include <cstddef>

#include "rekey/batch.h"
#include "rekey/secret.h"

namespace rekey {

/// ResultColumns owns result columns of the sizes one batch needs, zeroed at first and wiped when
/// freed.
class ResultColumns {
 public:
  ResultColumns() = default;
  explicit ResultColumns(const CheckedBatch& batch);

  /// spans lets an engine write the columns. They live as long as this object, also when it is
  /// moved.
  [[nodiscard]] const BatchResult& spans() const { return spans_; }

 private:
  SecretBuffer memory_;
  BatchResult spans_;  ///< in memory_
};

/// ItemRange is some neighbouring items of a batch, with the position of their SAs.
struct ItemRange {
  std::size_t first_item = 0;
  std::size_t items = 0;
  std::size_t first_sa = 0;
  std::size_t sas = 0;
};

/// slice returns the octets of `range` in every column of a batch's result. `tek_counters` is how
/// many TEKs each SA has.
BatchResult slice(const BatchResult& result, const ItemRange& range, std::size_t tek_counters);

/// copy copies every column. Both have the same sizes.
void copy(const BatchResult& from, const BatchResult& to);

/// equal compares every column in a time that depends on the sizes alone.
bool equal(const BatchResult& left, const BatchResult& right);

/// wipe zeroes every column.
void wipe(const BatchResult& result);

}  // namespace rekey
