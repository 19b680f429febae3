// SPDX-License-Identifier: Apache-2.0
#include "columns/result_columns.h"

#include <algorithm>
#include <cassert>

#include "columns/cache_lines.h"

namespace rekey {

ResultColumns::ResultColumns(const CheckedBatch& batch) {
  std::size_t octets = 0;
  for (const KeyKind kind : kAllKeyKinds) octets += in_cache_lines(batch.result_octets(kind));
  memory_ = columns_memory(octets);
  std::size_t first = 0;
  for (const KeyKind kind : kAllKeyKinds) {
    const std::size_t size = batch.result_octets(kind);
    spans_.set_column(kind, memory_.octets().subspan(first, size));
    first += in_cache_lines(size);
  }
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
