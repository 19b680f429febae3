// SPDX-License-Identifier: Apache-2.0
//
// Everything rekeyd can be told, as values that have been checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "contexts/store/store_address.h"
#include "dispatch/verifier.h"
#include "logging/logging.h"
#include "net/host_port.h"
#include "scheduler/limits.h"
#include "security/access.h"
#include "security/tls_files.h"

namespace rekey::config {

/// LockMemory says what becomes of memory that the system may swap out.
enum class LockMemory : std::uint8_t {
  kOff,
  kTry,      ///< lock it, or warn
  kRequire,  ///< lock it, or do not start
};

/// Settings fit together once make_settings() has returned them.
struct Settings {
  net::HostPort listen{"127.0.0.1", 7316};
  security::TlsFiles tls;
  security::RoleNames roles;
  bool insecure = false;
  dispatch::Verify verify = dispatch::Verify::kSampled;
  unsigned simd_threads = 1;
  std::string engine = "auto";
  scheduler::Limits limits;  ///< of the queue and of each caller; the others are not settings
  scheduler::Shares shares;
  contexts::StoreAddress contexts_store;
  std::string contexts_key_file;  ///< empty: the credential, where it is needed
  unsigned contexts_count_margin = 1'024;
  LockMemory lock_memory = LockMemory::kTry;
  std::string log_level = "info";
  logging::Format log_format = logging::Format::kText;
  std::string audit;  ///< a file; empty: none
  bool audit_required = false;
  std::optional<net::HostPort> metrics;  ///< none: no metrics
  unsigned lame_duck_s = 0;
  unsigned drain_limit_s = 25;
};

/// to_string returns `off`, `sampled` or `all`.
std::string_view to_string(dispatch::Verify verify);
/// to_string returns `off`, `try` or `require`.
std::string_view to_string(LockMemory lock);

}  // namespace rekey::config
