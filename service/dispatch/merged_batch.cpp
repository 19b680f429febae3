// SPDX-License-Identifier: Apache-2.0
#include "dispatch/merged_batch.h"

namespace rekey::dispatch {

Status MergedBatch::load(std::span<Job* const> jobs) {
  std::size_t items = 0;
  std::size_t sas = 0;
  for (const Job* job : jobs) {
    items += job->batch().count();
    sas += job->batch().total_sas();
  }
  const CheckedBatch& first = jobs.front()->batch();
  columns_ = InputColumns(first.profile(), first.options(), items, sas);
  for (const Job* job : jobs) columns_.append_all(job->batch());
  BatchInput input = same_kind(first);
  columns_.point_input(&input);
  if (Status s = check_batch(input, &batch_); !s.ok()) return s;
  results_ = ResultColumns(batch_);
  return {};
}

void MergedBatch::split(Job* job, ItemRange* first) {
  first->items = job->batch().count();
  first->sas = job->batch().total_sas();
  copy(slice(results_.spans(), *first, batch_.tek_counters().size()), job->begin_results());
  first->first_item += first->items;
  first->first_sa += first->sas;
}

}  // namespace rekey::dispatch
