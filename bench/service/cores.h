// SPDX-License-Identifier: Apache-2.0
//
// Which core runs what: servers on one, the client on another, so that neither takes the other's
// time.
#pragma once

#include <sched.h>

#include <optional>

namespace rekey::bench {

/// Cores is the first two cores that this process may use; none where it may use only one.
struct Cores {
  std::optional<int> servers;
  std::optional<int> client;

  static Cores choose();
};

/// pin keeps the calling thread, and those it starts, on one core. False when the system refuses.
/// Safe between fork() and exec().
bool pin(int core);

/// PinnedThread keeps the calling thread on a core, if one is named, for as long as it lives.
class PinnedThread {
 public:
  explicit PinnedThread(std::optional<int> core);
  ~PinnedThread();
  PinnedThread(const PinnedThread&) = delete;
  PinnedThread& operator=(const PinnedThread&) = delete;

 private:
  cpu_set_t before_{};
};

}  // namespace rekey::bench
