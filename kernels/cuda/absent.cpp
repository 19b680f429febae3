// SPDX-License-Identifier: Apache-2.0
//
// The GPU engine's place in a build without a CUDA toolkit.
#include "engine/absent_engine.h"
#include "rekey/engines.h"

namespace rekey {

std::unique_ptr<Engine> make_cuda_engine() {
  return std::make_unique<AbsentEngine>("cuda", "built without a CUDA toolkit");
}

std::vector<std::unique_ptr<Engine>> make_cuda_engines() {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(make_cuda_engine());
  return engines;
}

}  // namespace rekey
