// SPDX-License-Identifier: Apache-2.0
#include "logging/logging.h"

#include <grpc/support/log.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "logging/formatter.h"

namespace rekey::logging {
namespace {

constexpr std::size_t kTraceIdAt = 3;  // behind `00-`
constexpr std::size_t kTraceIdDigits = 32;

thread_local std::string trace_id;

void append(std::string_view text, spdlog::memory_buf_t* out) {
  out->append(text.data(), text.data() + text.size());
}

/// %J: the message as a JSON string.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const nlohmann::json text(std::string(message.payload.data(), message.payload.size()));
    append(text.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace), &out);
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

/// %K: the trace id, in quotes or not, behind what leads up to it; nothing without one.
class TraceId final : public spdlog::custom_flag_formatter {
 public:
  TraceId(std::string_view before, std::string_view after) : before_(before), after_(after) {}
  void format(const spdlog::details::log_msg&, const std::tm&, spdlog::memory_buf_t& out) override {
    if (trace_id.empty()) return;
    append(before_, &out);
    append(trace_id, &out);
    append(after_, &out);
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<TraceId>(before_, after_);
  }

 private:
  std::string_view before_;
  std::string_view after_;
};

/// A peer that does not get in is an error to gRPC, and daily life to a server.
void log_for_grpc(gpr_log_func_args* arguments) {
  switch (arguments->severity) {
    case GPR_LOG_SEVERITY_DEBUG:
      spdlog::trace("gRPC: {}", arguments->message);
      break;
    case GPR_LOG_SEVERITY_INFO:
      spdlog::debug("gRPC: {}", arguments->message);
      break;
    case GPR_LOG_SEVERITY_ERROR:
      spdlog::warn("gRPC: {}", arguments->message);
      break;
  }
}

// %J and %K are ours.
constexpr char kText[] = "%Y-%m-%d %H:%M:%S.%e %^%l%$ %v%K";
constexpr char kJson[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%J%K})";

}  // namespace

std::unique_ptr<spdlog::formatter> make_formatter(Format format) {
  const bool json = format == Format::kJson;
  auto formatter = std::make_unique<spdlog::pattern_formatter>(
      json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local);
  formatter->add_flag<JsonMessage>('J');
  if (json) {
    formatter->add_flag<TraceId>('K', R"(,"trace_id":")", "\"");
  } else {
    formatter->add_flag<TraceId>('K', " trace_id=", "");
  }
  formatter->set_pattern(json ? kJson : kText);
  return formatter;
}

void set_up(Format format, const std::string& level) {
  auto logger = spdlog::stderr_color_mt("rekeyd");
  logger->set_formatter(make_formatter(format));
  spdlog::set_default_logger(std::move(logger));
  set_level(level);
  gpr_set_log_function(log_for_grpc);
}

void set_level(const std::string& level) { spdlog::set_level(spdlog::level::from_str(level)); }

TraceScope::TraceScope(std::string_view traceparent) {
  if (!traceparent.empty()) trace_id = traceparent.substr(kTraceIdAt, kTraceIdDigits);
}

TraceScope::~TraceScope() { trace_id.clear(); }

}  // namespace rekey::logging
