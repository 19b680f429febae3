// SPDX-License-Identifier: Apache-2.0
//
// The audit log: one JSON line a call, or a request of a stream, written before its answer leaves.
// docs/operations.md has the fields. It holds no keys.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "rpc/call_observer.h"

namespace rekey::audit {

/// AuditLog appends to a file. Thread-safe.
class AuditLog final : public rpc::CallObserver {
 public:
  /// open appends to `file`, which is made readable by its owner alone where it is not there yet.
  /// With `required`, an answer whose line cannot be written does not leave. kUnavailable when the
  /// file cannot be opened.
  static Status open(const std::string& file, bool required, std::unique_ptr<AuditLog>* out_log);
  ~AuditLog() override;

  /// answering returns kUnavailable when the line cannot be written and is required.
  Status answering(const rpc::CallRecord& record) override;

  /// reopen goes on in a new file of the same name, for those who rename full ones. When it cannot
  /// be opened, the error is open's, and the file before goes on.
  Status reopen();

 private:
  AuditLog(std::string file, bool required) : file_(std::move(file)), required_(required) {}
  Status open_file(int* out_descriptor) const;
  /// Returns errno, or 0.
  int append_locked(const std::string& line);
  void tell_locked(int error);

  std::string file_;
  bool required_;
  std::mutex mutex_;
  int descriptor_ = -1;
  bool mid_line_ = false;  ///< a full disk took a part of a line
  int told_ = 0;           ///< the error that the log was told of last
};

/// line_of returns one call as JSON, with a line feed. `time` is as in RFC 3339.
std::string line_of(const rpc::CallRecord& record, const std::string& time);

}  // namespace rekey::audit
