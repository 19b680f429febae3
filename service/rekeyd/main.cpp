// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <spdlog/spdlog.h>
#include <string.h>

#include <cerrno>
#include <iostream>

#include "config/command_line.h"
#include "logging/logging.h"
#include "process/core_dumps.h"
#include "process/memory_lock.h"
#include "rekeyd/daemon.h"
#include "rekeyd/process.h"
#include "rekeyd/reload.h"
#include "rekeyd/service_manager.h"

int main(int argc, char** argv) {
  using namespace rekey::rekeyd;
  using namespace rekey::config;

  CommandLine command_line;
  int exit_code = kExitUsage;
  if (!CommandLine::parse(argc, argv, &command_line, &exit_code)) return exit_code;
  Settings settings;
  if (const rekey::Status status = command_line.load(&settings); !status.ok()) {
    std::cerr << status.message() << "\nRun with --help for more information.\n";
    return kExitUsage;
  }
  if (command_line.check_config) {
    std::cout << "the configuration is good\n";
    return kExitOk;
  }

  rekey::logging::set_up(settings.log_format, settings.log_level);
  if (!rekey::forbid_core_dumps()) {
    spdlog::warn("core dumps could not be disabled: {}", strerror(errno));
  }
  if (settings.lock_memory != LockMemory::kOff) {
    const rekey::Status locked = rekey::lock_memory();
    if (!locked.ok() && settings.lock_memory == LockMemory::kRequire) {
      spdlog::critical("cannot start: lock-memory: {}", locked.message());
      return kExitFailed;
    }
    if (!locked.ok()) {
      spdlog::warn("keys may reach swap: lock-memory: {}", locked.message());
    }
  }
  // A log reader that went away must not end the service.
  signal(SIGPIPE, SIG_IGN);
  Signals signals;

  Daemon daemon(Signals::ask_to_drain);
  if (const rekey::Status status = daemon.start(settings); !status.ok()) {
    spdlog::critical("cannot start: {}", status.message());
    return kExitFailed;
  }
  notify_ready("serving");
  const auto wait = [&] {
    return signals.wait(watchdog_interval(), [&] {
      if (daemon.alive()) notify_alive();
    });
  };
  int signal = wait();
  for (; signal == SIGHUP; signal = wait()) reload(command_line, &daemon, &settings);
  signals.release();
  notify_stopping();
  spdlog::info("{}: stopping", strsignal(signal));
  return daemon.drain(settings) ? kExitOk : kExitFailed;
}
