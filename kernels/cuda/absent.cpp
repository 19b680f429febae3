// SPDX-License-Identifier: Apache-2.0
//
// The GPU engine's place in a build without a CUDA toolkit.
#include "engine/absent_engine.h"
#include "rekey/engines.h"
#include "rekey/host_memory.h"

namespace rekey {

std::unique_ptr<Engine> make_cuda_engine() {
  return std::make_unique<AbsentEngine>("cuda", "built without a CUDA toolkit");
}

std::vector<std::unique_ptr<Engine>> make_cuda_engines() {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(make_cuda_engine());
  return engines;
}

std::unique_ptr<std::pmr::memory_resource> make_pinned_memory(std::size_t) {
  return std::make_unique<std::pmr::synchronized_pool_resource>();
}

}  // namespace rekey
