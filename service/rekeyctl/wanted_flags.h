// SPDX-License-Identifier: Apache-2.0
//
// The flags that say which keys to derive.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "rekey/status.h"
#include "rekeyctl/deriver.h"
#include "wave/ams_record.h"

namespace rekey::ctl {

/// WantedFlags hold what was said on the command line.
struct WantedFlags {
  std::vector<std::uint64_t> tek_counters;
  std::string outputs;

  /// add_to adds the flags to a command; `this` must outlive it.
  void add_to(CLI::App& command);
  /// resolve spells the defaults out. Returns kInvalidArgument when the profile does not yield a
  /// key or the counters break a limit.
  Status resolve(const wave::Rules& rules, Wanted* out_wanted) const;
};

}  // namespace rekey::ctl
