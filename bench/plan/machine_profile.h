// SPDX-License-Identifier: Apache-2.0
//
// What a machine can do, from results of rekey-bench. docs/plan.md says how each is read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "json.h"
#include "load/scenario.h"
#include "plan/curve.h"
#include "plan/figure.h"
#include "plan/simulator.h"
#include "rekey/profile.h"
#include "rekey/status.h"

namespace rekey::bench::plan {

/// Costs is a curve of seconds, over AMSs unless it says so, with its origin.
struct Costs {
  Curve curve;
  Origins origins;
  std::string source;
};

/// MethodCosts is what requests of one method take of a machine.
struct MethodCosts {
  Costs request;  ///< of a request of so many AMSs, beside its derivation
  /// What a request takes more when it finds an idle processor, over the seconds that it rested.
  Costs waking;
  /// What passes beside all that until a lone request is answered, over the share of requests that
  /// it takes no longer for: wire, wake-ups, the client, and what disturbs the machine.
  Costs beside;
};

/// Machine is one kind of server.
struct Machine {
  std::string cpu;
  Figure processors;
  unsigned measured_processors = 1;  ///< that rekeyd had when it was measured
  std::map<load::Method, MethodCosts> methods;
  Costs derivation;                   ///< of a batch, by the vector engine
  std::vector<std::string> warnings;  ///< what a reader of its figures must know

  /// station returns the machine for the simulator. The method is among `methods`.
  [[nodiscard]] Station station(load::Method method) const;
  /// origins returns those of everything that station() is made from.
  [[nodiscard]] Origins origins(load::Method method) const;
  [[nodiscard]] std::string name() const;
};

/// Device is a GPU that a server may have.
struct Device {
  std::string name;  ///< says `modelled` where it was not measured
  Costs derivation;  ///< of a batch, from the host's memory to the host's memory
  [[nodiscard]] bool modelled() const { return derivation.origins.has(Origin::kModelled); }
};

/// Machines is all that results tell of.
struct Machines {
  std::vector<Machine> machines;
  std::vector<Device> devices;
};

/// MeasuredLoad is a load result with the scenario it came from.
struct MeasuredLoad {
  std::string file;
  std::string scenario_yaml;
  Json load;
};

/// Result is one file with what rekey-bench, rekey-plan or gpu_model.py wrote.
struct Result {  // NOLINT(bugprone-exception-escape): nlohmann's move does not throw
  std::string file;
  Json json;
};

/// validation_of returns the loads that `rekey-plan measure` ran to be compared, and no cost is
/// read from; none where the result is of another kind.
std::vector<MeasuredLoad> validation_of(const Result& result);

/// make_machines puts results together, those of one CPU model and count as one machine, for one
/// profile. kInvalidArgument names the file, the field, what was expected and what was found; and
/// what is missing of a machine.
Status make_machines(const std::vector<Result>& results, Profile profile, Machines* out_machines);

}  // namespace rekey::bench::plan
