// SPDX-License-Identifier: Apache-2.0
//
// What rekeyd asks of the operating system for itself.
#pragma once

namespace rekey::rekeyd {

/// StopSignals holds back SIGTERM and SIGINT of the whole process. Make it before any thread.
class StopSignals {
 public:
  StopSignals();

  /// wait blocks until one of them comes and returns its number. From then on a second one ends
  /// the process at once.
  int wait();
};

}  // namespace rekey::rekeyd
