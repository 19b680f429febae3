// SPDX-License-Identifier: Apache-2.0
//
// A server that runs beside the benchmark as a process of its own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rekey/status.h"

namespace rekey::bench {

/// ServerProcess is a program that says on standard error where it is `listening on HOST:PORT`. It
/// ends with this object, and with the process that started it.
class ServerProcess {
 public:
  /// start runs `program` on `core`, if one is named, and waits until it listens. kUnavailable when
  /// it cannot be run, ends before that, or says nothing for `patience`; the message has the end of
  /// what it wrote.
  static Status start(const std::string& program, const std::vector<std::string>& arguments,
                      std::optional<int> core, std::chrono::milliseconds patience,
                      std::unique_ptr<ServerProcess>* out_process);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// cpu_seconds is the time that its threads have had of any core; 0 once it has ended.
  [[nodiscard]] double cpu_seconds() const;

  /// explain returns `failure` of a call to this server, and adds how the process ended if it did.
  [[nodiscard]] Status explain(const Status& failure);

 private:
  ServerProcess(std::string program, pid_t pid, int log)
      : program_(std::move(program)), pid_(pid), log_(log) {}

  [[nodiscard]] std::string log() const;
  /// How the process ended and the end of its log; empty while it runs.
  [[nodiscard]] std::string end();

  std::string program_;
  pid_t pid_;
  int log_;  ///< a file in memory that is the process's standard error
  std::string address_;
  std::string end_;
};

}  // namespace rekey::bench
