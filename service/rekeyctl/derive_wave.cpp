// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/derive_wave.h"

#include <utility>

namespace rekey::ctl {

Status DeriveWave::remember(Status status) {
  failure_ = std::move(status);
  return failure_;
}

Status DeriveWave::add(const wave::AmsRecord& record) {
  if (!failure_.ok()) return failure_;
  const std::size_t teks = record.saids.size() * wanted_.tek_counters.size();
  const auto is_full = [&] {
    return chunk_->wave.size() == kChunkItems ||
           chunk_->wave.total_sas() * wanted_.tek_counters.size() + teks > kChunkTeks;
  };
  if (chunk_ != nullptr && is_full()) {
    if (Status s = submit(); !s.ok()) return remember(s);
  }
  if (chunk_ == nullptr) chunk_ = std::make_unique<Chunk>(rules_);
  chunk_->wave.append(record);
  return {};
}

Status DeriveWave::finish() {
  if (!failure_.ok()) return failure_;
  if (chunk_ != nullptr) {
    if (Status s = submit(); !s.ok()) return remember(s);
  }
  while (under_way_ > 0) {
    if (Status s = take(); !s.ok()) return remember(s);
  }
  return {};
}

Status DeriveWave::submit() {
  if (under_way_ == deriver_.window()) {
    if (Status s = take(); !s.ok()) return s;
  }
  ++under_way_;
  return deriver_.submit(std::move(chunk_));
}

Status DeriveWave::take() {
  std::unique_ptr<Chunk> chunk;
  if (Status s = deriver_.take(&chunk); !s.ok()) return s;
  --under_way_;
  if (verifier_ != nullptr) {
    if (Status s = verifier_->verify(chunk.get()); !s.ok()) return s;
  }
  totals_.items += chunk->wave.size();
  totals_.failed += chunk->keys.failed();
  totals_.keys += chunk->keys.keys(chunk->wave);
  totals_.engines.insert(chunk->engine);
  return writer_.write(chunk->wave, chunk->keys);
}

}  // namespace rekey::ctl
