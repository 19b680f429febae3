// SPDX-License-Identifier: Apache-2.0
//
// Simulated against measured: how far the planner's model is off.
#pragma once

#include <string>
#include <vector>

#include "load/scenario.h"
#include "plan/figure.h"
#include "plan/machine_profile.h"
#include "plan/trial.h"
#include "rekey/status.h"

namespace rekey::bench::plan {

/// Validation is one measured load, run once or several times, beside the same load simulated.
/// Times in seconds; of several runs the middle ones.
struct Validation {
  std::string file;
  std::string scenario;
  unsigned runs = 1;
  double requests_per_second = 0;  ///< due
  double utilisation = 0;          ///< simulated, from the first request to the last
  double measured_p50 = 0;
  double measured_p99 = 0;
  double measured_p99_least = 0;
  double measured_p99_most = 0;
  double simulated_p50 = 0;
  double simulated_p99 = 0;

  /// The error, as a share of what was measured.
  [[nodiscard]] double p50_error() const { return simulated_p50 / measured_p50 - 1; }
  [[nodiscard]] double p99_error() const { return simulated_p99 / measured_p99 - 1; }
};

/// simulate_load simulates about so many requests of the scenario, after its warm-up, by the same
/// schedule, on the processors that the machine was measured with.
Latency simulate_load(const load::Scenario& scenario, double speed, double requests,
                      const Machine& machine);

/// validate compares one measured load. kInvalidArgument when the load is not of that scenario, was
/// in closed loop, or its method was not measured on the machine.
Status validate(const MeasuredLoad& measured, const load::Scenario& scenario,
                const Machine& machine, Validation* out_validation);

/// validate_all compares each with the scenario in it, with the machine that it ran on. Those of
/// one scenario at about one rate are runs of one load.
Status validate_all(const std::vector<MeasuredLoad>& loads, const Machines& machines,
                    std::vector<Validation>* out_validations);

/// to_text returns a table.
std::string to_text(const std::vector<Validation>& validations);
Json to_json(const std::vector<Validation>& validations);

}  // namespace rekey::bench::plan
