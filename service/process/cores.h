// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>

#include <algorithm>
#include <thread>

namespace rekey {

/// usable_cores returns how many cores this process may run on, at least 1. std::thread counts
/// those of the machine, also where a service manager or a container allows only some of them.
inline unsigned usable_cores() {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) {
    return std::max(1U, std::thread::hardware_concurrency());
  }
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&usable)));
}

}  // namespace rekey
