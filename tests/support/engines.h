// SPDX-License-Identifier: Apache-2.0
//
// Every engine there is to test: the vector engine once for each instruction set, the GPU engine
// also with its device code on the host, and some by way of resident contexts.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "rekey/engine.h"

namespace rekey::test {

/// EngineUnderTest names one engine and makes it.
struct EngineUnderTest {
  std::string name;  ///< letters, digits and underscores: `openssl`, `simd_AVX2`, `cuda`
  std::function<std::unique_ptr<Engine>()> make;
};

/// Writes the name, for parameterised tests.
std::ostream& operator<<(std::ostream& out, const EngineUnderTest& engine);

/// by_contexts makes an engine that derives with `engine` by way of its resident contexts.
std::unique_ptr<Engine> by_contexts(std::unique_ptr<Engine> engine);

/// engines_under_test returns all engines, also those that are unavailable here.
std::vector<EngineUnderTest> engines_under_test();

}  // namespace rekey::test
