// SPDX-License-Identifier: Apache-2.0
#include "support/engines.h"

#include <ostream>
#include <string_view>

#include "rekey/engines.h"
#include "support/cuda_host_engine.h"

namespace rekey::test {

std::ostream& operator<<(std::ostream& out, const EngineUnderTest& engine) {
  return out << engine.name;
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
  engines.push_back({"cuda_on_host", make_cuda_host_engine});
  engines.push_back({"cuda", make_cuda_engine});
  return engines;
}

}  // namespace rekey::test
