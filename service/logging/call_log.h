// SPDX-License-Identifier: Apache-2.0
//
// Calls in the log: those that failed through the server's fault as warnings, the others at level
// debug, each with its trace id.
#pragma once

#include "rpc/call_observer.h"

namespace rekey::logging {

/// CallLog logs every call. Thread-safe.
class CallLog final : public rpc::CallObserver {
 public:
  /// answering never holds an answer back.
  Status answering(const rpc::CallRecord& record) override;
};

}  // namespace rekey::logging
