// SPDX-License-Identifier: Apache-2.0
//
// The finest clock a processor has, for timings of a few microseconds.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#else
#include <chrono>
#endif

namespace rekey::test {

/// ticks_now reads the clock, in units of its own, once all earlier work is done and before any
/// later work begins.
inline std::uint64_t ticks_now() {
#if defined(__x86_64__)
  unsigned core = 0;
  const std::uint64_t ticks = __rdtscp(&core);
  _mm_lfence();
  return ticks;
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

}  // namespace rekey::test
