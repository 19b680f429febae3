// SPDX-License-Identifier: Apache-2.0
//
// What derives, as far as scheduling is concerned.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "rekey/profile.h"
#include "scheduler/cost_model.h"

namespace rekey::scheduler {

/// EngineSpec describes one engine.
struct EngineSpec {
  std::uint32_t device = 0;  ///< its place in Machine::device_slots
  bool serving = true;       ///< false: it is not to be used, nor asked again
  /// It does again what others got wrong, and without it nothing can be verified. A batch that
  /// fails on it does not put it into quarantine: there is nobody to stand in for it. A wrong key
  /// does, and then no engine serves and none comes back.
  bool last_resort = false;
  /// A batch that takes longer counts as lost; 0: never.
  std::uint64_t batch_us_max = 0;
  std::array<CostModel, kAllProfiles.size()> costs{};  ///< by profile
};

/// Machine is all engines. Those that take the same cores away from each other are one device: a
/// slot of a device is one batch at a time on any of its engines.
struct Machine {
  std::vector<std::uint32_t> device_slots;
  std::vector<EngineSpec> engines;
};

}  // namespace rekey::scheduler
