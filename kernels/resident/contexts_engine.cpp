// SPDX-License-Identifier: Apache-2.0
#include "resident/contexts_engine.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace rekey {
namespace {

/// One count an AMS, also where the batch leaves it to the default.
std::vector<std::uint8_t> sa_counts_of(const CheckedBatch& batch) {
  std::vector<std::uint8_t> counts;
  if (!derived_keys(batch.profile()).contains(KeyKind::kTek)) return counts;
  for (std::uint32_t item = 0; item < batch.count(); ++item) {
    counts.push_back(static_cast<std::uint8_t>(batch.sa_count(item)));
  }
  return counts;
}

/// Whether every item that is good in the batch, and no other, came out good.
bool same_items(std::span<const Code> batch, std::span<const Code> found) {
  return std::ranges::equal(batch, found, [](Code left, Code right) {
    return (left == Code::kOk) == (right == Code::kOk);
  });
}

}  // namespace

Status ContextsEngine::derive_all(const CheckedBatch& batch, const BatchResult& result) {
  const std::uint32_t count = batch.count();
  const std::vector<std::uint8_t> sa_counts = sa_counts_of(batch);
  ContextsShape shape{batch.profile(), batch.options(), count, 0};
  if (!sa_counts.empty()) shape.most_sas = *std::ranges::max_element(sa_counts);
  const ContextInput input{count,
                           batch.pmk().octets(count),
                           batch.msid().octets(count),
                           batch.nonce().octets(count),
                           batch.ak_sn().octets(count),
                           sa_counts,
                           batch.saids()};
  CheckedContexts contexts;
  if (Status s = check_contexts(shape, input, &contexts); !s.ok()) return s;
  std::unique_ptr<ResidentContexts> set;
  if (Status s = engine_.open_contexts(shape, &set); !s.ok()) return s;
  std::vector<ContextHandle> handles(count);
  if (Status s = set->add(contexts, handles); !s.ok()) return s;
  // A bad item keeps its room in the result.
  for (std::size_t item = 0; item < sa_counts.size(); ++item) {
    handles[item].sa_count = sa_counts[item];
  }

  HandoverInput handover_input{handles,
                               batch.bsid().octets(count),
                               batch.cmac_key_count().octets(count),
                               {},
                               batch.outputs()};
  if (!sa_counts.empty()) handover_input.tek_counters = batch.tek_counters();
  CheckedHandover handover;
  if (Status s = check_handover(shape, handover_input, &handover); !s.ok()) return s;
  std::vector<Code> codes(count);
  if (Status s = set->derive(handover, result, codes); !s.ok()) return s;
  if (!same_items(batch.codes(), codes)) {
    return {Code::kInternal, "resident contexts: an AMS was not found, or a bad one was"};
  }
  if (Status s = set->remove(handles, codes); !s.ok()) return s;
  if (!same_items(batch.codes(), codes) || set->size() != 0) {
    return {Code::kInternal, "resident contexts: an AMS was not removed"};
  }
  return {};
}

}  // namespace rekey
