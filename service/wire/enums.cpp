// SPDX-License-Identifier: Apache-2.0
#include "wire/enums.h"

#include <string>

namespace rekey::wire {

Status profile_from_wire(v1::Profile profile, Profile default_profile, Profile* out_profile) {
  switch (profile) {
    case v1::PROFILE_UNSPECIFIED:
      *out_profile = default_profile;
      return {};
    case v1::PROFILE_16M_DRAFT:
      *out_profile = Profile::k16mDraft;
      return {};
    case v1::PROFILE_16M_PUBLISHED:
      *out_profile = Profile::k16mPublished;
      return {};
    case v1::PROFILE_LEGACY_16E:
      *out_profile = Profile::kLegacy16e;
      return {};
    default:
      return Status::invalid_argument("profile: expected a known profile (0 to 3), found " +
                                      std::to_string(static_cast<int>(profile)));
  }
}

v1::Profile profile_to_wire(Profile profile) {
  switch (profile) {
    case Profile::k16mDraft:
      return v1::PROFILE_16M_DRAFT;
    case Profile::k16mPublished:
      return v1::PROFILE_16M_PUBLISHED;
    case Profile::kLegacy16e:
      return v1::PROFILE_LEGACY_16E;
  }
  return v1::PROFILE_UNSPECIFIED;
}

Status options_from_wire(const v1::ProfileOptions& options, ProfileOptions* out_options) {
  if (options.said_octets() > 2) {
    return Status::invalid_argument("options.said_octets: expected 1 or 2, found " +
                                    std::to_string(options.said_octets()));
  }
  out_options->nonce_first = options.nonce_first();
  out_options->said_octets =
      options.said_octets() == 0 ? 1 : static_cast<std::uint8_t>(options.said_octets());
  out_options->msid_privacy_off = options.msid_privacy_off();
  return {};
}

v1::ProfileOptions options_to_wire(const ProfileOptions& options) {
  v1::ProfileOptions wire;
  wire.set_nonce_first(options.nonce_first);
  wire.set_said_octets(options.said_octets);
  wire.set_msid_privacy_off(options.msid_privacy_off);
  return wire;
}

Status key_kind_from_wire(v1::KeyKind kind, KeyKind* out_kind) {
  for (KeyKind known : kAllKeyKinds) {
    if (key_kind_to_wire(known) == kind) {
      *out_kind = known;
      return {};
    }
  }
  return Status::invalid_argument("outputs: expected known kinds of key (1 to 7), found " +
                                  std::to_string(static_cast<int>(kind)));
}

v1::KeyKind key_kind_to_wire(KeyKind kind) {
  switch (kind) {
    case KeyKind::kMsidStar:
      return v1::KEY_KIND_MSID_STAR;
    case KeyKind::kAk:
      return v1::KEY_KIND_AK;
    case KeyKind::kAkid:
      return v1::KEY_KIND_AKID;
    case KeyKind::kCmacKeyU:
      return v1::KEY_KIND_CMAC_KEY_U;
    case KeyKind::kCmacKeyD:
      return v1::KEY_KIND_CMAC_KEY_D;
    case KeyKind::kKek:
      return v1::KEY_KIND_KEK;
    case KeyKind::kTek:
      return v1::KEY_KIND_TEK;
  }
  return v1::KEY_KIND_UNSPECIFIED;
}

}  // namespace rekey::wire
