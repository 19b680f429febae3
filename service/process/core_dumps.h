// SPDX-License-Identifier: Apache-2.0
//
// Keeps keys out of core files, for every program that holds them.
#pragma once

#include <sys/prctl.h>
#include <sys/resource.h>

namespace rekey {

/// forbid_core_dumps also keeps the user's other processes from reading this one's memory. Files
/// under /dev/fd can no longer be opened after it. Returns false, with errno set, when the system
/// refuses.
inline bool forbid_core_dumps() {
  const rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
}

}  // namespace rekey
