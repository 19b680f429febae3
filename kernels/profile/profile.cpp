// SPDX-License-Identifier: Apache-2.0
#include "rekey/profile.h"

#include <string>

namespace rekey {
namespace {

Status unknown_option(Profile profile, std::string_view option, std::string_view expected,
                      std::string_view found) {
  return Status::invalid_argument(
      "options." + std::string(option) + ": " + std::string(to_string(profile)) +
      " has no such option; expected " + std::string(expected) + ", found " + std::string(found));
}

}  // namespace

std::string_view to_string(Profile profile) {
  switch (profile) {
    case Profile::k16mDraft:
      return "16m-draft";
    case Profile::k16mPublished:
      return "16m-published";
    case Profile::kLegacy16e:
      return "legacy-16e";
  }
  return "unknown";
}

std::optional<Profile> profile_from_string(std::string_view name) {
  for (Profile profile : kAllProfiles) {
    if (to_string(profile) == name) return profile;
  }
  return std::nullopt;
}

Status check_options(Profile profile, const ProfileOptions& options) {
  if (options.nonce_first && profile != Profile::k16mDraft) {
    return unknown_option(profile, "nonce_first", "false", "true");
  }
  if (options.msid_privacy_off && profile != Profile::k16mPublished) {
    return unknown_option(profile, "msid_privacy_off", "false", "true");
  }
  if (options.said_octets != 1 && profile == Profile::kLegacy16e) {
    return unknown_option(profile, "said_octets", "1", std::to_string(options.said_octets));
  }
  if (options.said_octets != 1 && options.said_octets != 2) {
    return Status::invalid_argument("options.said_octets: expected 1 or 2, found " +
                                    std::to_string(options.said_octets));
  }
  return {};
}

KeySet derived_keys(Profile profile) {
  using enum KeyKind;
  switch (profile) {
    case Profile::k16mDraft:
    case Profile::k16mPublished:
      return {kMsidStar, kAk, kAkid, kCmacKeyU, kCmacKeyD, kTek};
    case Profile::kLegacy16e:
      return {kAk, kAkid, kCmacKeyU, kCmacKeyD, kKek};
  }
  return {};
}

bool takes_nonce(Profile profile, const ProfileOptions& options) {
  switch (profile) {
    case Profile::k16mDraft:
      return true;
    case Profile::k16mPublished:
      return !options.msid_privacy_off;
    case Profile::kLegacy16e:
      return false;
  }
  return false;
}

}  // namespace rekey
