// SPDX-License-Identifier: Apache-2.0
//
// The pool's engines as the scheduler sees them: which share a device, and what a batch costs.
#pragma once

#include "dispatch/clock.h"
#include "dispatch/engine_pool.h"
#include "scheduler/machine.h"

namespace rekey::dispatch {

/// measure derives a few batches of made-up AMSs and returns what they cost an engine.
scheduler::CostModel measure(Engine& engine, Profile profile, const Clock& clock);

/// describe measures every engine of the pool that serves. Each GPU is a device, with two slots:
/// its second batch is merged, verified and answered while it derives the first. All other engines
/// are the device that is the CPU, with `cpu_slots`.
scheduler::Machine describe(const EnginePool& pool, const Clock& clock, unsigned cpu_slots);

}  // namespace rekey::dispatch
