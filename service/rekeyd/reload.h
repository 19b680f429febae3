// SPDX-License-Identifier: Apache-2.0
//
// SIGHUP: settings and certificates are read again.
#pragma once

#include "config/command_line.h"
#include "config/settings.h"
#include "rekeyd/daemon.h"

namespace rekey::rekeyd {

/// reload loads the settings anew and hands them to the daemon. Refused whole when any part is
/// wrong; a change that takes a restart is left for it. Either is said in the log. `*settings` are
/// those that rekeyd started with, with what was taken over since.
void reload(const config::CommandLine& command_line, Daemon* daemon, config::Settings* settings);

}  // namespace rekey::rekeyd
