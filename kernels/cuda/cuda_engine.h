// SPDX-License-Identifier: Apache-2.0
//
// The GPU engine. Programs make it with rekey::make_cuda_engine() or make_cuda_engines().
//
// There is one engine for each device, not one for all of them: a device is admitted by the known
// answers, verified and quarantined on its own, and a lost one takes no other with it.
#pragma once

#include <memory>
#include <vector>

#include "cuda/tuning.h"
#include "rekey/engine.h"

namespace rekey::cuda {

/// make_engine makes the engine of one device, with chunks of the sizes given. All memory it will
/// ever use is got here.
std::unique_ptr<Engine> make_engine(const Tuning& tuning, int device = 0);

/// make_engines makes the engines of all devices, or one that says why there is none.
std::vector<std::unique_ptr<Engine>> make_engines(const Tuning& tuning);

}  // namespace rekey::cuda
