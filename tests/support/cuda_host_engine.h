// SPDX-License-Identifier: Apache-2.0
//
// The GPU engine's device code, run on the host: whatever can be said of an engine can be tested on
// machines without a GPU.
#pragma once

#include <memory>

#include "rekey/engine.h"

namespace rekey::test {

/// make_cuda_host_engine derives with the functions that the GPU engine's threads run, one call a
/// thread. It is always available.
std::unique_ptr<Engine> make_cuda_host_engine();

}  // namespace rekey::test
