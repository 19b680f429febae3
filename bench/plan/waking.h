// SPDX-License-Identifier: Apache-2.0
//
// What waking takes, over how long a machine had rested, from loads of waves with rests between.
#pragma once

#include <string>
#include <vector>

#include "json_fields.h"
#include "load/scenario.h"
#include "plan/machine_profile.h"

namespace rekey::bench::plan {

/// RestedLoad is one measured load. Times in seconds.
struct RestedLoad {
  double rest_seconds = 0;  ///< before each wave
  load::Scenario scenario;
  double speed = 1;        ///< see load::Schedule
  double p99_seconds = 0;  ///< of the latency
  std::string source;
};

/// read_rested_load reads one of the `rests` of a machine (docs/plan.md). Throws JsonWrong.
RestedLoad read_rested_load(const JsonValue& value);

/// fit_waking adds to what waking takes by `method` a point for each rest, the shortest first: as
/// much as gives the simulated load the p99 that was measured, of several runs the middle one. The
/// first request has all of it, and those behind it wait. Loads by other methods are passed over.
/// The machine has the other costs of that method.
void fit_waking(const std::vector<RestedLoad>& loads, load::Method method, Machine* machine);

}  // namespace rekey::bench::plan
