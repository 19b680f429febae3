// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_log.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

namespace rekey::audit {
namespace {

std::string now() {
  timespec time = {};
  clock_gettime(CLOCK_REALTIME, &time);
  tm parts = {};
  gmtime_r(&time.tv_sec, &parts);
  char text[40];
  const std::size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%06ldZ", time.tv_nsec / 1000);
  return text;
}

}  // namespace

std::string line_of(const rpc::CallRecord& record, const std::string& time) {
  nlohmann::ordered_json line = {
      {"time", time}, {"who", record.origin->caller()}, {"rpc", record.rpc}};
  if (record.profile) line["profile"] = to_string(*record.profile);
  line["items"] = record.items;
  line["failed"] = record.failed;
  line["code"] = static_cast<int>(record.code);
  if (!record.message.empty()) line["message"] = record.message;
  if (!record.served.engine.empty()) {
    line["engine"] = record.served.engine;
    line["verified"] = record.served.verified;
  }
  line["duration_us"] = record.duration_us;
  if (const std::string trace = record.origin->traceparent(); !trace.empty()) {
    line["traceparent"] = trace;
  }
  return line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Status AuditLog::open(const std::string& file, bool required, std::unique_ptr<AuditLog>* out_log) {
  std::unique_ptr<AuditLog> log(new AuditLog(file, required));
  if (Status s = log->open_file(&log->descriptor_); !s.ok()) return s;
  *out_log = std::move(log);
  return {};
}

AuditLog::~AuditLog() { close(descriptor_); }

Status AuditLog::open_file(int* out_descriptor) const {
  const int descriptor = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return {Code::kUnavailable, "audit: cannot write " + file_ + ": " + strerror(errno)};
  }
  *out_descriptor = descriptor;
  return {};
}

Status AuditLog::reopen() {
  int descriptor = -1;
  if (Status s = open_file(&descriptor); !s.ok()) return s;
  const std::lock_guard lock(mutex_);
  close(descriptor_);
  descriptor_ = descriptor;
  mid_line_ = false;
  return {};
}

Status AuditLog::answering(const rpc::CallRecord& record) {
  const std::string line = line_of(record, now());
  const std::lock_guard lock(mutex_);
  const int error = append_locked(line);
  tell_locked(error);
  if (error == 0 || !required_) return {};
  return {Code::kUnavailable, "the audit log cannot be written, and no key leaves without it"};
}

int AuditLog::append_locked(const std::string& line) {
  // What was written in part stays a line of its own, so that the next one can be read.
  const std::string text = mid_line_ ? "\n" + line : line;
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = write(descriptor_, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int error = written < 0 ? errno : EIO;
      if (done > 0) mid_line_ = true;
      return error;
    }
    done += static_cast<std::size_t>(written);
  }
  mid_line_ = false;
  return 0;
}

void AuditLog::tell_locked(int error) {
  if (error == told_) return;
  told_ = error;
  if (error == 0) {
    spdlog::info("audit: {} can be written again", file_);
  } else {
    spdlog::error("audit: cannot write {}: {}; {}", file_, strerror(error),
                  required_ ? "answers are held back until it can be written"
                            : "answers leave without a line");
  }
}

}  // namespace rekey::audit
