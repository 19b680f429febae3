// SPDX-License-Identifier: Apache-2.0
//
// What a batch moves over the link between host and device.
#pragma once

#include <cstddef>

#include "rekey/batch.h"

namespace rekey::bench {

struct LinkOctets {
  std::size_t in = 0;           ///< all input columns
  std::size_t resident_in = 0;  ///< where the AMSs are on the device: a row's number, BSID, count
  std::size_t out = 0;          ///< all keys asked for
};

/// link_octets counts the octets of a batch whose SAs are not counted in a column.
inline LinkOctets link_octets(const CheckedBatch& batch) {
  const std::size_t count = batch.count();
  constexpr std::size_t kRowNumberOctets = 4;
  const std::size_t of_handover =
      batch.bsid().octets(count).size() + batch.cmac_key_count().octets(count).size();
  LinkOctets octets;
  octets.in = batch.pmk().octets(count).size() + batch.msid().octets(count).size() +
              batch.nonce().octets(count).size() + batch.ak_sn().octets(count).size() +
              batch.saids().size() + of_handover;
  octets.resident_in = count * kRowNumberOctets + of_handover;
  for (KeyKind kind : kAllKeyKinds) octets.out += batch.result_octets(kind);
  return octets;
}

}  // namespace rekey::bench
