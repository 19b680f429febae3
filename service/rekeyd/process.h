// SPDX-License-Identifier: Apache-2.0
//
// What rekeyd asks of the operating system for itself.
#pragma once

namespace rekey::rekeyd {

/// forbid_core_dumps keeps key material out of core files and from other processes of the user.
/// Returns false, with errno set, when the system refuses.
bool forbid_core_dumps();

/// StopSignals holds back SIGTERM and SIGINT of the whole process. Make it before any thread.
class StopSignals {
 public:
  StopSignals();

  /// wait blocks until one of them comes and returns its number. From then on a second one ends
  /// the process at once.
  int wait();
};

}  // namespace rekey::rekeyd
