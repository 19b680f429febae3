// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/profile_flags.h"

namespace rekey::ctl {

void ProfileFlags::add_to(CLI::App& command) {
  command.add_option("--profile", profile, "16m-draft, 16m-published or legacy-16e")
      ->capture_default_str();
  command.add_flag("--nonce-first", nonce_first,
                   "16m-draft: derive MSID* from NONCE_BS | BSID, not BSID | NONCE_BS");
  command.add_option("--said-octets", said_octets, "16m-*: width of a SAID, 1 or 2")
      ->capture_default_str();
  command.add_flag("--msid-privacy-off", msid_privacy_off,
                   "16m-published: MSID* is MSID itself, and there is no nonce");
}

Status ProfileFlags::resolve(wave::Rules* out_rules) const {
  const std::optional<Profile> known = profile_from_string(profile);
  if (!known) {
    return Status::invalid_argument(
        "--profile: expected 16m-draft, 16m-published or legacy-16e, found " + profile);
  }
  if (said_octets != 1 && said_octets != 2) {
    return Status::invalid_argument("--said-octets: expected 1 or 2, found " +
                                    std::to_string(said_octets));
  }
  const ProfileOptions options{nonce_first, static_cast<std::uint8_t>(said_octets),
                               msid_privacy_off};
  if (Status s = check_options(*known, options); !s.ok()) return s;
  *out_rules = {*known, options};
  return {};
}

std::string_view profile_standing(Profile profile) {
  switch (profile) {
    case Profile::k16mDraft:
    case Profile::k16mPublished:
      return "our reading of its source, not checked against the standard";
    case Profile::kLegacy16e:
      return "checked against published known answers";
  }
  return "unknown";
}

}  // namespace rekey::ctl
