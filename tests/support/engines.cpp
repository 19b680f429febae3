// SPDX-License-Identifier: Apache-2.0
#include "support/engines.h"

#include <ostream>
#include <string_view>
#include <utility>

#include "rekey/engines.h"
#include "resident/contexts_engine.h"
#include "support/cuda_host_engine.h"

namespace rekey::test {

std::ostream& operator<<(std::ostream& out, const EngineUnderTest& engine) {
  return out << engine.name;
}

namespace {

/// Holder is what ContextsEngine refers to, and so comes before it.
struct Holder {
  std::unique_ptr<Engine> engine;
};

struct OwnContextsEngine final : private Holder, public ContextsEngine {
  explicit OwnContextsEngine(std::unique_ptr<Engine> own)
      : Holder{std::move(own)}, ContextsEngine(*engine) {}
};

}  // namespace

std::unique_ptr<Engine> by_contexts(std::unique_ptr<Engine> engine) {
  return std::make_unique<OwnContextsEngine>(std::move(engine));
}

std::vector<EngineUnderTest> engines_under_test() {
  std::vector<EngineUnderTest> engines = {
      {"openssl", make_openssl_engine},
      {"openssl_ecb", make_openssl_ecb_engine},
      {"simd", [] { return make_simd_engine(); }},
  };
  for (std::string_view target : simd_targets()) {
    engines.push_back(
        {"simd_" + std::string(target), [target] { return make_simd_engine(target); }});
  }
  engines.push_back({"simd_contexts", [] { return by_contexts(make_simd_engine()); }});
  engines.push_back({"cuda_on_host", make_cuda_host_engine});
  engines.push_back({"cuda_on_host_contexts", [] { return by_contexts(make_cuda_host_engine()); }});
  engines.push_back({"cuda", make_cuda_engine});
  engines.push_back({"cuda_contexts", [] { return by_contexts(make_cuda_engine()); }});
  return engines;
}

}  // namespace rekey::test
