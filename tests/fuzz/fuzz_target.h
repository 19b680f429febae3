// SPDX-License-Identifier: Apache-2.0
//
// What a fuzz target is: one function, by libFuzzer's name for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// LLVMFuzzerTestOneInput handles one input and returns 0. Whatever the octets, it must come back;
/// a broken promise ends the process.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace rekey::fuzz {

/// require ends the process when something promised does not hold.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace rekey::fuzz
