// SPDX-License-Identifier: Apache-2.0
//
// What a bad item leaves in the results: zero octets.
#pragma once

#include <cstddef>
#include <span>

#include "rekey/batch.h"
#include "rekey/key_kind.h"
#include "rekey/secret.h"
#include "rekey/status.h"

namespace rekey {

/// blank_failed zeroes every key of the items whose code is not kOk. `sa_count(item)` is how many
/// security associations an item has, each with `tek_counters` TEKs.
template <typename SaCount>
void blank_failed(std::span<const Code> codes, std::size_t tek_counters, SaCount sa_count,
                  const BatchResult& result) {
  const auto blank = [](Octets column, std::size_t first, std::size_t octets) {
    if (!column.empty()) wipe(column.subspan(first, octets));
  };
  const std::size_t tek_octets = tek_counters * kTekOctets;
  std::size_t first_sa = 0;
  for (std::size_t item = 0; item < codes.size(); ++item) {
    const std::size_t sas = sa_count(item);
    if (codes[item] != Code::kOk) {
      for (KeyKind kind : kAllKeyKinds) {
        if (kind == KeyKind::kTek) continue;
        blank(result.column(kind), item * key_octets(kind), key_octets(kind));
      }
      blank(result.teks, first_sa * tek_octets, sas * tek_octets);
    }
    first_sa += sas;
  }
}

}  // namespace rekey
