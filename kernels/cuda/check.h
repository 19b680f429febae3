// SPDX-License-Identifier: Apache-2.0
//
// Turns what the CUDA runtime returns into a Status.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "rekey/status.h"

namespace rekey::cuda {

/// check returns success, or kInternal with the call's name and the runtime's words, plainer ones
/// where those help nobody. It takes the error out of the runtime, so that no later call finds it.
inline Status check(const char* call, cudaError_t error) {
  if (error == cudaSuccess) return {};
  cudaGetLastError();
  std::string words = cudaGetErrorString(error);
  if (error == cudaErrorDevicesUnavailable) {
    words =
        "the device is taken: another process has it to itself, or its compute mode forbids use";
  }
  return {Code::kInternal, std::string(call) + ": " + words};
}

}  // namespace rekey::cuda
