// SPDX-License-Identifier: Apache-2.0
#include "dispatch/merged_batch.h"

namespace rekey::dispatch {

Status MergedBatch::load(std::span<const Part> parts) {
  std::size_t items = 0;
  std::size_t sas = 0;
  for (const Part& part : parts) {
    items += part.batch.count();
    sas += part.batch.total_sas();
  }
  const CheckedBatch& first = parts.front().batch;
  columns_ = InputColumns(first.profile(), first.options(), items, sas);
  for (const Part& part : parts) columns_.append_all(part.batch);
  BatchInput input = same_kind(first);
  columns_.point_input(&input);
  if (Status s = check_batch(input, &batch_); !s.ok()) return s;
  results_ = ResultColumns(batch_);
  return {};
}

void MergedBatch::split(std::span<const Part> parts) {
  ItemRange range;
  for (const Part& part : parts) {
    range.items = part.batch.count();
    range.sas = part.batch.total_sas();
    copy(slice(results_.spans(), range, batch_.tek_counters().size()), part.result);
    range.first_item += range.items;
    range.first_sa += range.sas;
  }
}

}  // namespace rekey::dispatch
