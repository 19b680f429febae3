// SPDX-License-Identifier: Apache-2.0
//
// How rekeyd logs: lines on standard error, as text or JSON, gRPC's own among them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rekey::logging {

enum class Format : std::uint8_t {
  kText,
  kJson,  ///< one object a line: time, level, message, and trace_id inside a TraceScope
};

/// set_up makes spdlog's default logger. `level` is one of spdlog's names. gRPC's lines go the same
/// way.
void set_up(Format format, const std::string& level);

/// set_level changes the level while rekeyd runs.
void set_level(const std::string& level);

/// TraceScope has every line that this thread logs carry the trace id of a W3C trace context.
class TraceScope {
 public:
  /// `traceparent` is one of version 00, or empty: then nothing is carried.
  explicit TraceScope(std::string_view traceparent);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;
};

}  // namespace rekey::logging
