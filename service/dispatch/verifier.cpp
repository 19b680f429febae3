// SPDX-License-Identifier: Apache-2.0
#include "dispatch/verifier.h"

#include <vector>

#include "columns/input_columns.h"
#include "columns/result_columns.h"

namespace rekey::dispatch {
namespace {

std::vector<ItemRange> sampled_items(const CheckedBatch& batch, const Sample& sample) {
  std::vector<ItemRange> items;
  std::size_t counted = 0;
  std::size_t first_sa = 0;
  for (std::size_t item = sample.phase; item < batch.count(); item += sample.stride) {
    first_sa += batch.sa_count(counted, item - counted);
    counted = item;
    items.push_back({item, 1, first_sa, batch.sa_count(item)});
  }
  return items;
}

/// Copies items out of a batch into `*out_columns`, as a batch of the same kind.
Status gather(const CheckedBatch& batch, const std::vector<ItemRange>& items,
              InputColumns* out_columns, CheckedBatch* out_batch) {
  for (const ItemRange& item : items) {
    out_columns->append(ams_octets(batch, item.first_item, item.first_sa));
  }
  BatchInput input = same_kind(batch);
  out_columns->point_input(&input);
  return check_batch(input, out_batch);
}

}  // namespace

Sample Sample::draw(Verify verify, Random& random) {
  switch (verify) {
    case Verify::kOff:
      break;
    case Verify::kSampled:
      return {kSampleStride, random.below(kSampleStride)};
    case Verify::kAll:
      return {1, 0};
  }
  return {};
}

bool Sample::covers(std::size_t first_item, std::size_t items) const {
  return stride == 1 || (stride > 1 && items == 1 && first_item % stride == phase);
}

Verdict verify(const CheckedBatch& batch, const BatchResult& result, const Sample& sample,
               Engine& referee) {
  if (sample.stride == 0) return Verdict::kRight;
  if (sample.stride == 1) {
    ResultColumns expected(batch);
    if (!referee.derive(batch, expected.spans()).ok()) return Verdict::kUnable;
    return equal(expected.spans(), result) ? Verdict::kRight : Verdict::kWrong;
  }

  const std::vector<ItemRange> items = sampled_items(batch, sample);
  if (items.empty()) return Verdict::kRight;
  std::size_t sas = 0;
  for (const ItemRange& item : items) sas += item.sas;
  InputColumns columns(batch.profile(), batch.options(), items.size(), sas);
  CheckedBatch sampled;
  if (!gather(batch, items, &columns, &sampled).ok()) return Verdict::kUnable;
  ResultColumns expected(sampled);
  if (!referee.derive(sampled, expected.spans()).ok()) return Verdict::kUnable;

  const std::size_t tek_counters = batch.tek_counters().size();
  bool right = true;
  ItemRange gathered{.items = 1};
  for (const ItemRange& item : items) {
    gathered.sas = item.sas;
    right &=
        equal(slice(expected.spans(), gathered, tek_counters), slice(result, item, tek_counters));
    ++gathered.first_item;
    gathered.first_sa += item.sas;
  }
  return right ? Verdict::kRight : Verdict::kWrong;
}

}  // namespace rekey::dispatch
