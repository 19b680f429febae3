// SPDX-License-Identifier: Apache-2.0
#include "logging/call_log.h"

#include <spdlog/spdlog.h>

#include "logging/logging.h"

namespace rekey::logging {

Status CallLog::answering(const rpc::CallRecord& record) {
  const auto level =
      record.code == grpc::StatusCode::INTERNAL ? spdlog::level::warn : spdlog::level::debug;
  if (!spdlog::should_log(level)) return {};
  const TraceScope scope(record.origin->traceparent());
  spdlog::log(level, "{} by {}: code {}{}{}, {} AMSs, {} us", record.rpc, record.origin->caller(),
              static_cast<int>(record.code), record.message.empty() ? "" : ": ", record.message,
              record.items, record.duration_us);
  return {};
}

}  // namespace rekey::logging
