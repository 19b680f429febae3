// SPDX-License-Identifier: Apache-2.0
#include "columns/result_columns.h"

#include <algorithm>
#include <cassert>

namespace rekey {

ResultColumns::ResultColumns(const CheckedBatch& batch) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i] = SecretBuffer(batch.result_octets(kAllKeyKinds[i]));
  }
}

BatchResult ResultColumns::spans() {
  BatchResult result;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    result.set_column(kAllKeyKinds[i], columns_[i].octets());
  }
  return result;
}

BatchResult slice(const BatchResult& result, const ItemRange& range, std::size_t tek_counters) {
  BatchResult part;
  for (KeyKind kind : kAllKeyKinds) {
    const Octets column = result.column(kind);
    if (column.empty()) continue;
    const bool flat = kind == KeyKind::kTek;
    const std::size_t width = flat ? tek_counters * kTekOctets : key_octets(kind);
    part.set_column(kind, column.subspan((flat ? range.first_sa : range.first_item) * width,
                                         (flat ? range.sas : range.items) * width));
  }
  return part;
}

void copy(const BatchResult& from, const BatchResult& to) {
  for (KeyKind kind : kAllKeyKinds) {
    assert(from.column(kind).size() == to.column(kind).size());
    std::ranges::copy(from.column(kind), to.column(kind).begin());
  }
}

bool equal(const BatchResult& left, const BatchResult& right) {
  bool same = true;
  for (KeyKind kind : kAllKeyKinds) {
    same &= equal_constant_time(left.column(kind), right.column(kind));
  }
  return same;
}

void wipe(const BatchResult& result) {
  for (KeyKind kind : kAllKeyKinds) wipe(result.column(kind));
}

}  // namespace rekey
