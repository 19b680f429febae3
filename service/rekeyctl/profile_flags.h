// SPDX-License-Identifier: Apache-2.0
//
// The flags that choose a key hierarchy.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "rekey/status.h"
#include "wave/ams_record.h"

namespace rekey::ctl {

/// ProfileFlags hold what was said on the command line.
struct ProfileFlags {
  std::string profile = "16m-draft";
  bool nonce_first = false;
  unsigned said_octets = 1;
  bool msid_privacy_off = false;

  /// add_to adds the flags to a command; `this` must outlive it.
  void add_to(CLI::App& command);
  /// resolve returns kInvalidArgument when the profile is unknown or lacks an option that was set.
  Status resolve(wave::Rules* out_rules) const;
};

/// profile_standing says how sure a profile is, for people.
std::string_view profile_standing(Profile profile);

}  // namespace rekey::ctl
