// SPDX-License-Identifier: Apache-2.0
#include "wave/derived_keys.h"

#include <algorithm>
#include <utility>

namespace rekey::wave {

void DerivedKeys::allocate(const Wave& wave, KeySet outputs,
                           std::vector<std::uint16_t> tek_counters) {
  outputs_ = outputs;
  tek_counters_ = std::move(tek_counters);
  for (const KeyKind kind : kAllKeyKinds) {
    std::size_t keys = 0;
    if (outputs.contains(kind)) {
      keys = kind == KeyKind::kTek ? wave.total_sas() * tek_counters_.size() : wave.size();
    }
    columns_[index(kind)] = SecretBuffer(keys * key_octets(kind));
  }
  codes_.assign(wave.size(), 0);
  messages_.assign(wave.size(), {});
}

BatchResult DerivedKeys::result() {
  BatchResult result;
  for (const KeyKind kind : kAllKeyKinds) result.set_column(kind, column(kind));
  return result;
}

ConstOctets DerivedKeys::key(KeyKind kind, std::size_t item) const {
  return column(kind).subspan(item * key_octets(kind), key_octets(kind));
}

ConstOctets DerivedKeys::teks(const Wave& wave, std::size_t item) const {
  const std::size_t octets_per_sa = tek_counters_.size() * kTekOctets;
  return column(KeyKind::kTek)
      .subspan(wave.first_sa(item) * octets_per_sa, wave.sa_count(item) * octets_per_sa);
}

void DerivedKeys::set_failed(std::size_t item, int code, std::string message) {
  codes_[item] = code;
  messages_[item] = std::move(message);
}

std::size_t DerivedKeys::failed() const {
  return static_cast<std::size_t>(
      std::count_if(codes_.begin(), codes_.end(), [](int code) { return code != 0; }));
}

std::uint64_t DerivedKeys::keys(const Wave& wave) const {
  std::uint64_t keys_per_ams = 0;
  for (const KeyKind kind : kAllKeyKinds) {
    if (kind != KeyKind::kTek && outputs_.contains(kind)) ++keys_per_ams;
  }
  const bool teks = outputs_.contains(KeyKind::kTek);
  std::uint64_t keys = 0;
  for (std::size_t item = 0; item < codes_.size(); ++item) {
    if (codes_[item] != 0) continue;
    keys += keys_per_ams + (teks ? wave.sa_count(item) * tek_counters_.size() : 0);
  }
  return keys;
}

}  // namespace rekey::wave
