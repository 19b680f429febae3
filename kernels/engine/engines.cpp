// SPDX-License-Identifier: Apache-2.0
#include "rekey/engines.h"

#include <string>

namespace rekey {

std::vector<std::unique_ptr<Engine>> make_engines(WorkerPool* pool) {
  std::vector<std::unique_ptr<Engine>> engines = make_cuda_engines();
  engines.push_back(make_simd_engine({}, pool));
  engines.push_back(make_openssl_ecb_engine());
  return engines;
}

Status admit(Engine& engine) {
  if (std::string reason = engine.unavailable_reason(); !reason.empty()) {
    return {Code::kUnavailable, std::string(engine.name()) + ": " + reason};
  }
  for (const KnownAnswerResult& result : run_known_answers(engine)) {
    if (!result.status.ok()) {
      return {Code::kFailedPrecondition, std::string(engine.name()) + ": known answer " +
                                             result.name + ": " + result.status.message()};
    }
  }
  return {};
}

}  // namespace rekey
