// SPDX-License-Identifier: Apache-2.0
#include "dispatch/clock.h"

#include <chrono>

namespace rekey::dispatch {

std::uint64_t SteadyClock::now_us() const {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since_start).count());
}

}  // namespace rekey::dispatch
