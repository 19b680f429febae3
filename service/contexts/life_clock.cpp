// SPDX-License-Identifier: Apache-2.0
#include "contexts/life_clock.h"

#include <time.h>

namespace rekey::contexts {
namespace {

Millis read(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return static_cast<Millis>(time.tv_sec) * 1'000 + static_cast<Millis>(time.tv_nsec) / 1'000'000;
}

}  // namespace

SystemLifeClock::SystemLifeClock() : start_(read(CLOCK_REALTIME) - read(CLOCK_BOOTTIME)) {}

Millis SystemLifeClock::now() const { return start_ + read(CLOCK_BOOTTIME); }

void SystemLifeClock::not_before(Millis at_least) {
  Millis start = start_;
  while (start + read(CLOCK_BOOTTIME) < at_least &&
         !start_.compare_exchange_weak(start, at_least - read(CLOCK_BOOTTIME))) {
  }
}

}  // namespace rekey::contexts
