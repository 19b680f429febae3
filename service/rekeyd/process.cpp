// SPDX-License-Identifier: Apache-2.0
#include "rekeyd/process.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>

namespace rekey::rekeyd {
namespace {

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP, SIGUSR2});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int Signals::wait(std::optional<std::chrono::microseconds> interval,
                  const std::function<void()>& meanwhile) {
  const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP, SIGUSR2});
  constexpr std::int64_t kSecond_us = 1'000'000;
  timespec time = {};
  if (interval) {
    time.tv_sec = interval->count() / kSecond_us;
    time.tv_nsec = interval->count() % kSecond_us * 1000;
  }
  for (;;) {
    const int signal = interval ? sigtimedwait(&set, nullptr, &time) : sigwaitinfo(&set, nullptr);
    if (signal > 0) return signal;
    if (errno == EAGAIN) meanwhile();
  }
}

void Signals::ask_to_drain() { kill(getpid(), SIGUSR2); }

void Signals::release() {
  const sigset_t set = set_of({SIGTERM, SIGINT});
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace rekey::rekeyd
