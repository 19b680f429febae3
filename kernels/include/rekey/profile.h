// SPDX-License-Identifier: Apache-2.0
//
// The named key hierarchies and their options (key-derivation specification, section 2).
//
// `legacy-16e` is checked against published known answers. The two 16m profiles are our reading of
// their sources: their inputs are given there, the order of the inputs and the literals are not,
// and no published vector confirms them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rekey/key_kind.h"
#include "rekey/status.h"

namespace rekey {

enum class Profile : std::uint8_t {
  k16mDraft,      ///< `16m-draft`: the proposed 802.16m text on key update during handover
  k16mPublished,  ///< `16m-published`: IEEE 802.16m-2011 as we read it
  kLegacy16e,     ///< `legacy-16e`: IEEE 802.16-2009
};

inline constexpr std::array kAllProfiles = {Profile::k16mDraft, Profile::k16mPublished,
                                            Profile::kLegacy16e};

/// ProfileOptions are the choices a profile leaves open. An option that a profile does not have
/// must keep its default.
struct ProfileOptions {
  bool nonce_first = false;       ///< 16m-draft: MSID* is derived from NONCE_BS | BSID instead
  std::uint8_t said_octets = 1;   ///< 16m-*: width of a SAID in octets, 1 or 2
  bool msid_privacy_off = false;  ///< 16m-published: MSID* is MSID itself, and there is no nonce

  constexpr bool operator==(const ProfileOptions&) const = default;
};

/// to_string returns the profile's name as users write it.
std::string_view to_string(Profile profile);

/// profile_from_string is the inverse of to_string; nothing when the name is unknown.
std::optional<Profile> profile_from_string(std::string_view name);

/// check_options returns kInvalidArgument, naming the option, when `profile` does not have an
/// option that is set or said_octets is neither 1 nor 2.
Status check_options(Profile profile, const ProfileOptions& options);

/// derived_keys returns the kinds of key the profile yields. With msid_privacy_off MSID* is still
/// yielded: it is MSID.
KeySet derived_keys(Profile profile);

/// takes_nonce says whether the hierarchy has a nonce among its inputs: NONCE_BS in 16m-draft,
/// NONCE_AMS in 16m-published unless msid_privacy_off, none in legacy-16e.
bool takes_nonce(Profile profile, const ProfileOptions& options);

}  // namespace rekey
