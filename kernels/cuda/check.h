// SPDX-License-Identifier: Apache-2.0
//
// Turns what the CUDA runtime returns into a Status.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "rekey/status.h"

namespace rekey::cuda {

/// check returns success, or kInternal with the call's name and the runtime's words. It takes the
/// error out of the runtime, so that no later call finds it.
inline Status check(const char* call, cudaError_t error) {
  if (error == cudaSuccess) return {};
  cudaGetLastError();
  return {Code::kInternal, std::string(call) + ": " + cudaGetErrorString(error)};
}

}  // namespace rekey::cuda
