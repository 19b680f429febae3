// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <string.h>

#include <cerrno>

#include "process/core_dumps.h"
#include "rekeyd/daemon.h"
#include "rekeyd/options.h"
#include "rekeyd/process.h"

int main(int argc, char** argv) {
  using namespace rekey::rekeyd;

  Options options;
  int exit_code = kExitUsage;
  if (!parse_options(argc, argv, &options, &exit_code)) return exit_code;

  spdlog::set_default_logger(spdlog::stderr_color_mt("rekeyd"));
  spdlog::set_level(spdlog::level::from_str(options.log_level));
  if (!rekey::forbid_core_dumps()) {
    spdlog::warn("core dumps could not be disabled: {}", strerror(errno));
  }
  // A log reader that went away must not end the service.
  signal(SIGPIPE, SIG_IGN);
  StopSignals stop_signals;

  Daemon daemon;
  if (const rekey::Status status = daemon.start(options); !status.ok()) {
    spdlog::critical("cannot start: {}", status.message());
    return kExitFailed;
  }
  spdlog::info("{}: stopping", strsignal(stop_signals.wait()));
  return daemon.drain() ? kExitOk : kExitFailed;
}
