// SPDX-License-Identifier: Apache-2.0
//
// What rekeyd is told by flags, environment and configuration file.
#pragma once

#include <string>

#include "dispatch/verifier.h"
#include "rekeyd/listen_address.h"

namespace rekey::rekeyd {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

struct Options {
  ListenAddress listen;
  dispatch::Verify verify = dispatch::Verify::kSampled;
  std::string verify_name;
  std::string engine;
  std::string log_level;
  unsigned simd_threads = 1;
};

/// parse_options reads the command line. True when rekeyd is to run with `*out_options`; otherwise
/// everything has been said on stdout or stderr, and `*out_exit_code` is what to exit with.
bool parse_options(int argc, const char* const* argv, Options* out_options, int* out_exit_code);

}  // namespace rekey::rekeyd
