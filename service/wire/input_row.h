// SPDX-License-Identifier: Apache-2.0
//
// One row of a request, where it lies in its message.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "rekey/octets.h"

namespace rekey::wire {

/// Numbers is what Protocol Buffers make of a field of many.
using Numbers = google::protobuf::RepeatedField<std::uint32_t>;

/// InputRow is one v1::AmsInput. It refers to the octets that it was parsed from.
struct InputRow {
  ConstOctets pmk, msid, bsid, nonce;
  std::uint32_t cmac_key_count = 0;
  std::uint32_t ak_sn = 0;
  int first_said = 0;  ///< among those of the whole request
  int saids = 0;       ///< how many
  std::string_view reference;
};

/// saids_of returns a row's SAIDs out of those of the whole request.
inline std::span<const std::uint32_t> saids_of(const InputRow& row, const Numbers& all) {
  return {all.data() + row.first_said, static_cast<std::size_t>(row.saids)};
}

/// parse_row sets `*out_row`, and adds its SAIDs to `*saids`. Groups within groups go
/// `recursion_limit` deep. False when the octets are no v1::AmsInput.
bool parse_row(ConstOctets octets, int recursion_limit, InputRow* out_row, Numbers* saids);

}  // namespace rekey::wire
