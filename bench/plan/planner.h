// SPDX-License-Identifier: Apache-2.0
//
// How many servers a network needs. Pure: the same inputs and seed give the same plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/figure.h"
#include "plan/machine_profile.h"
#include "plan/network.h"
#include "plan/trial.h"
#include "rekey/status.h"

namespace rekey::bench::plan {

/// CaseLoad is what comes in one case, over all servers.
struct CaseLoad {
  std::string name;        ///< `normal`, or the failure's
  bool grown = false;      ///< after the years of growth
  Figure ams_per_second;   ///< all the time
  Figure ams_per_request;  ///< of these
  struct Wave {
    Figure ams;
    Figure window_seconds;
    Figure ams_per_request;
  };
  std::optional<Wave> wave;  ///< of a failure
};

/// CasePlan is what a case needs. Without `servers` no number of them keeps the objective.
struct CasePlan {
  CaseLoad load;
  std::optional<Figure> servers;             ///< that must be there
  std::optional<Figure> servers_with_spare;  ///< and those that may be lost
  // With `servers` of them, simulated:
  Figure p50_seconds;
  Figure p99_seconds;
  Figure utilisation;        ///< by what comes all the time
  Figure in_server_seconds;  ///< the mean; of a failure p99
  Figure bound_seconds;      ///< what it cannot be below: M/D/c, of a failure the fluid bound
  Figure headroom;           ///< how many times as many AMSs they bear
};

/// Sensitivity is what becomes of the governing case when one input is a fifth lower or higher.
struct Sensitivity {
  std::string input;
  struct Side {
    std::optional<Figure> servers;  ///< none: no number keeps the objective
    Figure headroom;                ///< of the servers that were planned
  };
  Side lower;
  Side higher;
};

/// GpuVerdict is whether a GPU in every server pays, for requests as in one case.
struct GpuVerdict {
  std::string device;
  bool modelled = false;
  std::string load;               ///< the case
  Figure ams_per_second_without;  ///< that one server bears at the utilisation allowed
  Figure ams_per_second_with;
  Figure share_of_derivation;  ///< of a request's processor time: the most a GPU can take over
  std::optional<Figure> faster_from_ams;           ///< a batch; none: never, up to a million
  std::optional<Figure> pays_from_ams_per_second;  ///< at every load beyond; none: nowhere
  std::string statement;                           ///< the same as a sentence
};

/// MachinePlan is the plan with one kind of machine.
struct MachinePlan {
  Machine machine;
  std::vector<CasePlan> cases;
  std::size_t governing = 0;      ///< the case that needs most
  std::optional<Figure> servers;  ///< to be bought: the most of all cases, with spare
  std::optional<Figure> price;
  std::optional<Figure> watts;
  std::vector<Sensitivity> sensitivities;
  std::vector<GpuVerdict> gpus;
};

struct Plan {
  Network network;
  std::uint64_t seed = 1;
  std::vector<MachinePlan> machines;
};

/// make_plan plans with every machine. kInvalidArgument when one was not measured with the
/// network's method.
Status make_plan(const Network& network, const Machines& machines, std::uint64_t seed,
                 Plan* out_plan);

/// cases_of lists what comes: normal and every failure, now and after growth.
std::vector<CaseLoad> cases_of(const Network& network);

}  // namespace rekey::bench::plan
