// SPDX-License-Identifier: Apache-2.0
#include "support/owned_result.h"

#include <algorithm>

#include "support/hex.h"

namespace rekey::test {

OwnedResult::OwnedResult(const CheckedBatch& batch) {
  for (KeyKind kind : kAllKeyKinds) {
    auto& column = columns_[static_cast<std::size_t>(kind)];
    column.assign(batch.result_octets(kind), kUnwritten);
    result_.set_column(kind, column);
  }
}

ConstOctets OwnedResult::key(KeyKind kind, std::size_t item) const {
  return column(kind).subspan(item * key_octets(kind), key_octets(kind));
}

ConstOctets OwnedResult::tek(std::size_t place) const {
  return column(KeyKind::kTek).subspan(place * kTekOctets, kTekOctets);
}

std::string first_difference(const CheckedBatch& batch, const OwnedResult& expected,
                             const OwnedResult& found) {
  for (KeyKind kind : kAllKeyKinds) {
    const ConstOctets want = expected.column(kind);
    const ConstOctets have = found.column(kind);
    const auto difference = std::ranges::mismatch(want, have).in1;
    if (difference == want.end()) continue;
    const std::size_t place =
        static_cast<std::size_t>(difference - want.begin()) / key_octets(kind);
    std::string where = std::string(to_string(kind)) + " at place " + std::to_string(place);
    if (kind == KeyKind::kTek) {
      std::size_t sa = place / batch.tek_counters().size();
      std::size_t item = 0;
      while (sa >= batch.sa_count(item)) sa -= batch.sa_count(item++);
      where += " (item " + std::to_string(item) + ", SA " + std::to_string(sa) + ", counter " +
               std::to_string(place % batch.tek_counters().size()) + ")";
    }
    const auto key = [&](ConstOctets column) {
      return to_hex(column.subspan(place * key_octets(kind), key_octets(kind)));
    };
    return where + ": expected " + key(want) + ", found " + key(have);
  }
  return {};
}

}  // namespace rekey::test
