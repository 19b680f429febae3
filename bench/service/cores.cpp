// SPDX-License-Identifier: Apache-2.0
#include "service/cores.h"

namespace rekey::bench {

Cores Cores::choose() {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (sched_getaffinity(0, sizeof usable, &usable) != 0 || CPU_COUNT(&usable) < 2) return {};
  Cores cores;
  for (int core = 0; core < CPU_SETSIZE && !cores.client; ++core) {
    if (!CPU_ISSET(core, &usable)) continue;
    (cores.servers ? cores.client : cores.servers) = core;
  }
  return cores;
}

bool pin(int core) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(core, &only);
  return sched_setaffinity(0, sizeof only, &only) == 0;
}

PinnedThread::PinnedThread(std::optional<int> core) {
  sched_getaffinity(0, sizeof before_, &before_);
  if (core) pin(*core);
}

PinnedThread::~PinnedThread() { sched_setaffinity(0, sizeof before_, &before_); }

}  // namespace rekey::bench
