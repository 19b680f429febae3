// SPDX-License-Identifier: Apache-2.0
//
// Several observers as one.
#pragma once

#include <optional>
#include <vector>

#include "rpc/call_observer.h"

namespace rekey::rpc {

/// CallObservers tells each observer in turn. When one holds the answer back, those after it are
/// told of the call as it then ends: put first whom that is up to.
class CallObservers final : public CallObserver {
 public:
  /// add is called before there are calls. `observer` must outlive this object.
  void add(CallObserver* observer) { observers_.push_back(observer); }

  Status answering(const CallRecord& record) override {
    Status held_back;
    std::optional<CallRecord> changed;
    for (CallObserver* observer : observers_) {
      const Status status = observer->answering(changed ? *changed : record);
      if (status.ok() || !held_back.ok()) continue;
      held_back = status;
      changed = record;
      changed->code = static_cast<grpc::StatusCode>(status.code());
      changed->message = status.message();
    }
    return held_back;
  }

 private:
  std::vector<CallObserver*> observers_;
};

}  // namespace rekey::rpc
