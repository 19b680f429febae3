// SPDX-License-Identifier: Apache-2.0
//
// Requests for the service tests: the inputs of the key-derivation specification's section 3 in
// rows and in columns, and octets by hex digits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rekey/v1/key_derivation.pb.h"
#include "support/batch_builder.h"
#include "support/hex.h"
#include "wire/enums.h"

namespace rekey::test {

/// Hexadecimal digits as the octets of a `bytes` field.
inline std::string wire_octets(std::string_view digits) {
  const std::vector<std::uint8_t> octets = from_hex(digits);
  return {octets.begin(), octets.end()};
}

inline const std::string kPmk = wire_octets("EA8487A0F6F4B35FBDDB2F232B771D2F71FDDA94");
inline const std::string kMsid = wire_octets("001B11C9D50C");
inline const std::string kBsid = wire_octets("000000000005");
inline const std::string kNonceBs = wire_octets("0102030405060708");
inline const std::string kNonceAms = wire_octets("1112131415161718");

/// The nonce of section 3 for a profile; empty for legacy-16e.
inline std::string nonce_of(v1::Profile profile) {
  switch (profile) {
    case v1::PROFILE_LEGACY_16E:
      return {};
    case v1::PROFILE_16M_PUBLISHED:
      return kNonceAms;
    default:
      return kNonceBs;
  }
}

/// One row of section 3: count 1, AK_SN 1 and SAID 1 in the 16m profiles, count 0, AK_SN 0 and no
/// SAID in legacy-16e.
inline v1::AmsInput known_row(v1::Profile profile) {
  const bool legacy = profile == v1::PROFILE_LEGACY_16E;
  v1::AmsInput row;
  row.set_pmk(kPmk);
  row.set_msid(kMsid);
  row.set_bsid(kBsid);
  row.set_nonce(nonce_of(profile));
  row.set_cmac_key_count(legacy ? 0 : 1);
  row.set_ak_sn(legacy ? 0 : 1);
  if (!legacy) row.add_saids(1);
  return row;
}

inline v1::DeriveRequest known_rows(v1::Profile profile, int rows = 1) {
  v1::DeriveRequest request;
  request.set_profile(profile);
  for (int i = 0; i < rows; ++i) {
    *request.add_items() = known_row(profile);
    request.mutable_items(i)->set_reference("ams-" + std::to_string(i));
  }
  return request;
}

/// The same AMS `count` times over: every column holds one value for all, but the SAIDs.
inline v1::DeriveBatchRequest known_columns(v1::Profile profile, std::uint32_t count = 1) {
  const bool legacy = profile == v1::PROFILE_LEGACY_16E;
  v1::DeriveBatchRequest request;
  request.set_profile(profile);
  request.set_count(count);
  request.set_pmk(kPmk);
  request.set_msid(kMsid);
  request.set_bsid(kBsid);
  request.set_nonce(nonce_of(profile));
  request.set_cmac_key_count(wire_octets(legacy ? "0000" : "0001"));
  request.set_ak_sn(wire_octets(legacy ? "00" : "01"));
  if (!legacy) request.set_saids(std::string(count, '\x01'));
  return request;
}

/// The AK of section 3 for a profile.
inline std::string known_ak(v1::Profile profile) {
  switch (profile) {
    case v1::PROFILE_LEGACY_16E:
      return wire_octets("D7EAA9683C377B76A2385B8454B57AE7C9AD3224");
    case v1::PROFILE_16M_PUBLISHED:
      return wire_octets("7d9073bb70fa9c48e04510c6f5a33a1aafc2ee3e");
    default:
      return wire_octets("a2a9c01df3ee9ab07173a8656ca09ef193a9cbbe");
  }
}

/// A request in columns with the contents of `columns`.
inline v1::DeriveBatchRequest to_wire(const BatchColumns& columns) {
  const auto text = [](const std::vector<std::uint8_t>& octets) {
    return std::string(octets.begin(), octets.end());
  };
  v1::DeriveBatchRequest request;
  request.set_profile(wire::profile_to_wire(columns.variant.profile));
  *request.mutable_options() = wire::options_to_wire(columns.variant.options);
  request.set_count(columns.count);
  request.set_pmk(text(columns.pmk));
  request.set_msid(text(columns.msid));
  request.set_bsid(text(columns.bsid));
  request.set_nonce(text(columns.nonce));
  request.set_cmac_key_count(text(columns.cmac_key_count));
  request.set_ak_sn(text(columns.ak_sn));
  request.set_sa_counts(text(columns.sa_counts));
  request.set_saids(text(columns.saids));
  for (std::uint16_t counter : columns.tek_counters) request.add_tek_counters(counter);
  for (KeyKind kind : kAllKeyKinds) {
    if (columns.outputs.contains(kind)) request.add_outputs(wire::key_kind_to_wire(kind));
  }
  return request;
}

}  // namespace rekey::test
