// SPDX-License-Identifier: Apache-2.0
//
// The GPU engine. Programs make it with rekey::make_cuda_engine().
#pragma once

#include <memory>

#include "cuda/tuning.h"
#include "rekey/engine.h"

namespace rekey::cuda {

/// make_engine makes a GPU engine that derives in chunks of the sizes given.
std::unique_ptr<Engine> make_engine(const Tuning& tuning);

}  // namespace rekey::cuda
