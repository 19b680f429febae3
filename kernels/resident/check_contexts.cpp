// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "batch/check_parts.h"
#include "rekey/resident.h"

namespace rekey {

Status check_shape(const ContextsShape& shape) {
  if (Status s = check_profile(shape.profile); !s.ok()) return s;
  if (Status s = check_options(shape.profile, shape.options); !s.ok()) return s;
  if (shape.capacity == 0 || shape.capacity > kMaxContexts) {
    return wrong("capacity", "1 to " + std::to_string(kMaxContexts),
                 std::to_string(shape.capacity));
  }
  if (shape.most_sas > kMaxSasPerAms) {
    return wrong("most_sas", "0 to " + std::to_string(kMaxSasPerAms),
                 std::to_string(shape.most_sas));
  }
  return {};
}

Status check_contexts(const ContextsShape& shape, const ContextInput& input,
                      CheckedContexts* out_contexts) {
  // What only a handover brings.
  static constexpr std::array<std::uint8_t, kBsidOctets> kZero{};
  const ConstOctets zero(kZero);
  BatchInput batch;
  batch.profile = shape.profile;
  batch.options = shape.options;
  batch.count = input.count;
  batch.pmk = input.pmk;
  batch.msid = input.msid;
  batch.bsid = zero;
  batch.nonce = input.nonce;
  batch.cmac_key_count = zero.first(kCmacKeyCountOctets);
  batch.ak_sn = input.ak_sn;
  batch.sa_counts = input.sa_counts;
  batch.saids = input.saids;

  CheckedContexts contexts;
  contexts.shape_ = shape;
  if (Status s = check_batch(batch, &contexts.batch_); !s.ok()) return s;
  contexts.codes_.assign(contexts.batch_.codes().begin(), contexts.batch_.codes().end());
  for (std::size_t item = 0; item < contexts.codes_.size(); ++item) {
    if (contexts.batch_.sa_count(item) > shape.most_sas) {
      contexts.codes_[item] = Code::kInvalidArgument;
    }
  }
  *out_contexts = std::move(contexts);
  return {};
}

std::string CheckedContexts::item_message(std::size_t item) const {
  if (codes_[item] == Code::kOk) return {};
  const std::uint32_t sas = batch_.sa_count(item);
  if (sas <= shape_.most_sas) return batch_.item_message(item);
  return wrong("sa_counts", "at most " + std::to_string(shape_.most_sas), std::to_string(sas))
      .message();
}

Status check_handover(const ContextsShape& shape, const HandoverInput& input,
                      CheckedHandover* out_handover) {
  const std::size_t count = input.handles.size();
  if (count > kMaxBatchItems) {
    return wrong("handles", "at most " + std::to_string(kMaxBatchItems), std::to_string(count));
  }
  if (Status s = check_outputs(shape.profile, input.outputs); !s.ok()) return s;
  if (Status s = check_tek_counters(shape.profile, input.tek_counters); !s.ok()) return s;
  const auto items = static_cast<std::uint32_t>(count);
  if (Status s = check_column("bsid", input.bsid, kBsidOctets, items); !s.ok()) return s;
  if (Status s = check_column("cmac_key_count", input.cmac_key_count, kCmacKeyCountOctets, items);
      !s.ok()) {
    return s;
  }

  CheckedHandover handover;
  handover.shape_ = shape;
  handover.input_ = input;
  if (input.outputs.empty()) handover.input_.outputs = derived_keys(shape.profile);
  const auto counters = tek_counters_or_default(input.tek_counters);
  handover.tek_counters_.assign(counters.begin(), counters.end());
  const bool has_teks = derived_keys(shape.profile).contains(KeyKind::kTek);
  const std::uint32_t most_sas = has_teks ? shape.most_sas : 0;
  handover.sa_counts_.resize(count);
  std::ranges::transform(input.handles, handover.sa_counts_.begin(), [&](const ContextHandle& h) {
    return static_cast<std::uint8_t>(std::min<std::uint32_t>(h.sa_count, most_sas));
  });
  handover.total_sas_ =
      std::accumulate(handover.sa_counts_.begin(), handover.sa_counts_.end(), std::uint32_t{0});
  if (handover.outputs().contains(KeyKind::kTek)) {
    if (Status s = check_tek_total("handles", handover.total_sas_, counters.size()); !s.ok()) {
      return s;
    }
  }
  *out_handover = std::move(handover);
  return {};
}

std::size_t CheckedHandover::result_octets(KeyKind kind) const {
  if (!outputs().contains(kind)) return 0;
  if (kind == KeyKind::kTek) return std::size_t{total_sas_} * tek_counters_.size() * kTekOctets;
  return std::size_t{count()} * key_octets(kind);
}

}  // namespace rekey
