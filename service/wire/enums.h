// SPDX-License-Identifier: Apache-2.0
//
// The wire contract's enumerations and options, to and from librekey's. From the wire every value
// is checked: an enumeration may carry any number there.
#pragma once

#include "rekey/key_kind.h"
#include "rekey/profile.h"
#include "rekey/status.h"
#include "rekey/v1/key_derivation.pb.h"

namespace rekey::wire {

/// profile_from_wire sets `*out_profile`; PROFILE_UNSPECIFIED means `default_profile`. An unknown
/// number is kInvalidArgument naming the field.
Status profile_from_wire(v1::Profile profile, Profile default_profile, Profile* out_profile);
v1::Profile profile_to_wire(Profile profile);

/// options_from_wire sets `*out_options` (said_octets 0 means 1). Whether the profile has the
/// options is left to check_options(); a said_octets that no profile has is kInvalidArgument here.
Status options_from_wire(const v1::ProfileOptions& options, ProfileOptions* out_options);
v1::ProfileOptions options_to_wire(const ProfileOptions& options);

/// key_kind_from_wire sets `*out_kind`; KEY_KIND_UNSPECIFIED and unknown numbers are
/// kInvalidArgument naming `outputs`.
Status key_kind_from_wire(v1::KeyKind kind, KeyKind* out_kind);
v1::KeyKind key_kind_to_wire(KeyKind kind);

}  // namespace rekey::wire
