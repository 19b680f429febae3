// SPDX-License-Identifier: Apache-2.0
#include "simd/split_batch.h"

#include <algorithm>

namespace rekey::simd {
namespace {

// AES blocks of 16m-draft, to which the other profiles are close: of an AMS without TEKs, and one
// for each TEK. The associations of unequal AMSs are a flat list, where each has a key schedule of
// its own: about as much work as a block.
constexpr std::size_t kBlocksPerAms = 15;
constexpr std::size_t kBlocksPerUsualAms = kBlocksPerAms + 2;

std::size_t blocks_per_sa(const CheckedBatch& batch) {
  if (!batch.outputs().contains(KeyKind::kTek)) return 0;
  return batch.tek_counters().size() + (batch.sa_counts().empty() ? 0 : 1);
}

class Work {
 public:
  explicit Work(const CheckedBatch& batch) : per_sa_(blocks_per_sa(batch)) {}

  /// In AES blocks.
  [[nodiscard]] std::size_t of(std::size_t items, std::size_t sas) const {
    return kBlocksPerAms * items + per_sa_ * sas;
  }

 private:
  std::size_t per_sa_;
};

}  // namespace

bool worth_splitting(const CheckedBatch& batch) {
  return Work(batch).of(batch.count(), batch.total_sas()) >= kMinSplitAms * kBlocksPerUsualAms;
}

std::vector<BatchRange> split_batch(const CheckedBatch& batch, std::size_t abreast,
                                    unsigned threads) {
  const Work work(batch);
  std::size_t work_left = work.of(batch.count(), batch.total_sas());
  std::vector<BatchRange> ranges;
  BatchRange range;
  while (range.first_item < batch.count()) {
    const std::size_t wanted =
        std::clamp(work_left / (2 * threads), kMinRangeAms * kBlocksPerUsualAms,
                   kMaxRangeAms * kBlocksPerUsualAms);
    std::size_t sas = 0;
    std::size_t end = range.first_item;
    while (end < batch.count() && work.of(end - range.first_item, sas) < wanted) {
      const std::size_t items = std::min(abreast, batch.count() - end);
      sas += batch.sa_count(end, items);
      end += items;
    }
    range.items = end - range.first_item;
    ranges.push_back(range);
    work_left -= work.of(range.items, sas);
    range = {.first_item = end, .first_sa = range.first_sa + sas};
  }
  return ranges;
}

}  // namespace rekey::simd
