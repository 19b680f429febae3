// SPDX-License-Identifier: Apache-2.0
//
// Measures this machine for a plan: starts rekeyd, runs rekey-bench against it, and puts the
// results together.
#pragma once

#include <string>

#include "plan/machine_profile.h"
#include "plan/network.h"
#include "rekey/status.h"

namespace rekey::bench::plan {

struct MeasureOptions {
  std::string programs;  ///< the folder with rekeyd and rekey-bench
  double seconds = 1;    ///< of each run
  unsigned rounds = 3;   ///< of all runs, by turns
};

/// measure_machine takes about 12 runs a round. It writes on standard error how far it is. rekeyd
/// has one processor and the load generator another, where there are two. The result is of the kind
/// "machine" (docs/plan.md). kUnavailable when a program cannot be run or fails; the message has
/// what it said.
Status measure_machine(const Network& network, const MeasureOptions& options, Result* out_result);

}  // namespace rekey::bench::plan
