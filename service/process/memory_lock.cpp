// SPDX-License-Identifier: Apache-2.0
#include "process/memory_lock.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace rekey {
namespace {

/// CAP_IPC_LOCK is above the limit.
bool may_lock_without_limit() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & 1U << CAP_IPC_LOCK) != 0;
}

}  // namespace

Status lock_memory() {
  rlimit limit = {};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_cur != RLIM_INFINITY && !may_lock_without_limit()) {
    return {Code::kFailedPrecondition,
            "expected no limit on locked memory (LimitMEMLOCK=infinity, ulimit -l unlimited, or "
            "CAP_IPC_LOCK), found RLIMIT_MEMLOCK at " +
                std::to_string(limit.rlim_cur) + " octets"};
  }
  if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
    return {Code::kFailedPrecondition, std::string("mlockall failed: ") + strerror(errno)};
  }
  return {};
}

}  // namespace rekey
