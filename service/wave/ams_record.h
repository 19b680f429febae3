// SPDX-License-Identifier: Apache-2.0
//
// One AMS of a wave, and the names of its fields in files.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rekey/octets.h"
#include "rekey/profile.h"
#include "rekey/secret.h"

namespace rekey::wave {

/// AmsRecord is what a hierarchy needs of one AMS to derive its keys.
struct AmsRecord {
  Secret<kPmkOctets> pmk;
  std::array<std::uint8_t, kMsidOctets> msid{};
  std::array<std::uint8_t, kBsidOctets> bsid{};
  std::array<std::uint8_t, kNonceOctets> nonce{};  ///< zero where the profile takes none
  std::uint16_t cmac_key_count = 0;
  std::uint8_t ak_sn = 0;
  std::vector<std::uint16_t> saids;  ///< empty where the profile derives no TEK
  std::string reference;             ///< the caller's own name for the AMS; may be empty
  std::uint64_t line = 0;            ///< where the AMS was read, counting from 1; 0: nowhere
};

/// The longest reference, in octets of UTF-8.
inline constexpr std::size_t kMaxReferenceOctets = 256;

enum class Field : std::uint8_t {
  kPmk,
  kMsid,
  kBsid,
  kNonce,
  kCmacKeyCount,
  kAkSn,
  kSaids,
  kReference
};

inline constexpr std::array kAllFields = {Field::kPmk,          Field::kMsid,     Field::kBsid,
                                          Field::kNonce,        Field::kAkSn,     Field::kSaids,
                                          Field::kCmacKeyCount, Field::kReference};

/// to_string returns the field's name in files: `pmk`, `msid`, `bsid`, `nonce`, `cmac_key_count`,
/// `ak_sn`, `saids` or `reference`.
std::string_view to_string(Field field);

/// field_from_string is the inverse of to_string; nothing when the name is unknown.
std::optional<Field> field_from_string(std::string_view name);

/// Rules say what a record must be: they are those of a profile with its options, which have passed
/// check_options().
struct Rules {
  Profile profile = Profile::k16mDraft;
  ProfileOptions options;

  [[nodiscard]] bool takes_nonce() const { return rekey::takes_nonce(profile, options); }
  [[nodiscard]] bool has_teks() const { return derived_keys(profile).contains(KeyKind::kTek); }
  [[nodiscard]] std::uint32_t max_said() const { return options.said_octets == 2 ? 65'535 : 255; }
  /// Whether every AMS of a file must have the field.
  [[nodiscard]] bool requires_field(Field field) const;
};

}  // namespace rekey::wave
