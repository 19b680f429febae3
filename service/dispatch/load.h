// SPDX-License-Identifier: Apache-2.0
//
// What an operator sees of the queue and of the routing.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "scheduler/callers.h"
#include "scheduler/machine.h"
#include "scheduler/work.h"

namespace rekey::dispatch {

/// EngineLoad is one engine as the routing sees it.
struct EngineLoad {
  std::string name;
  bool serves = false;
  std::uint32_t quarantines = 0;  ///< since the start
  /// What a batch costs, by profile, as far as is known at present.
  std::array<scheduler::CostModel, kAllProfiles.size()> costs{};
};

/// Load is a snapshot of a dispatcher.
struct Load {
  scheduler::Holding held;            ///< accepted and not answered
  std::size_t waiting_requests = 0;   ///< of which a part at least waits for an engine
  std::size_t callers = 0;            ///< that are remembered
  scheduler::Counts counts;           ///< since the start
  std::vector<EngineLoad> engines{};  ///< in the pool's order
};

}  // namespace rekey::dispatch
