// SPDX-License-Identifier: Apache-2.0
#include "rekeyd/process.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

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

int Signals::wait() {
  const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP, SIGUSR2});
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
  return signal;
}

void Signals::ask_to_drain() { kill(getpid(), SIGUSR2); }

void Signals::release() {
  const sigset_t set = set_of({SIGTERM, SIGINT});
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace rekey::rekeyd
