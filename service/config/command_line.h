// SPDX-License-Identifier: Apache-2.0
//
// rekeyd's command line and environment, and the settings that they and the file make together.
#pragma once

#include <string>

#include "config/given.h"
#include "config/settings.h"
#include "rekey/status.h"

namespace rekey::config {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

/// CommandLine is what was written on it.
struct CommandLine {
  GivenSettings flags;
  GivenSettings environment;
  std::string config_file;  ///< empty: none
  bool check_config = false;

  /// parse reads the command line. False when everything has been said on stdout or stderr, and
  /// `*out_exit_code` is what to exit with.
  static bool parse(int argc, const char* const* argv, CommandLine* out_command_line,
                    int* out_exit_code);

  /// load makes the settings: a flag wins over the file, which wins over the environment. Reads the
  /// files that are named, and fails with kInvalidArgument when one of them is of no use. Can be
  /// called again, when the files may have changed.
  Status load(Settings* out_settings) const;
};

}  // namespace rekey::config
