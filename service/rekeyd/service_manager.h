// SPDX-License-Identifier: Apache-2.0
//
// What rekeyd tells systemd (Type=notify). Elsewhere nobody listens, and nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace rekey::rekeyd {

/// notify_ready says that calls are served.
void notify_ready(const std::string& status);
/// notify_stopping says that rekeyd drains. The watchdog is over with it.
void notify_stopping();
/// notify_alive is to be sent at least as often as watchdog_interval() says.
void notify_alive();

/// watchdog_interval is half the time after which systemd takes rekeyd for dead; nothing when it
/// does not watch.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace rekey::rekeyd
