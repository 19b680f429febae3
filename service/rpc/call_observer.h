// SPDX-License-Identifier: Apache-2.0
//
// What metrics, audit and logs are told about calls. They implement the interface; calls know
// nothing of them.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dispatch/job.h"
#include "rekey/profile.h"
#include "rekey/status.h"

namespace rekey::rpc {

/// Origin is where a call comes from. Both take time to find out: they are asked for when needed.
class Origin {
 public:
  virtual ~Origin() = default;
  [[nodiscard]] virtual std::string caller() const = 0;       ///< see caller_of()
  [[nodiscard]] virtual std::string traceparent() const = 0;  ///< see trace_of()
};

/// CallRecord is one call, or one request of a stream, about to be answered. It holds no keys.
struct CallRecord {
  std::string_view rpc;  ///< as in `KeyDerivation.DeriveBatch`
  const Origin* origin;  ///< who calls; lives as long as the record
  std::optional<Profile> profile;
  std::uint32_t items = 0;   ///< AMSs
  std::uint32_t failed = 0;  ///< of them, with a code of their own
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;  ///< why the code is not OK
  dispatch::Served served;
  std::uint64_t duration_us = 0;  ///< since the request had arrived
};

/// CallObserver sees every call before its answer leaves. Thread-safe.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  /// answering is told what is about to be answered. An error has the answer held back, and the
  /// call end with it: no key leaves that could not be accounted for.
  virtual Status answering(const CallRecord& record) = 0;
};

}  // namespace rekey::rpc
