// SPDX-License-Identifier: Apache-2.0
#include "rekeyd/reload.h"

#include <spdlog/spdlog.h>

#include <string>

#include "config/setting.h"

namespace rekey::rekeyd {

void reload(const config::CommandLine& command_line, Daemon* daemon, config::Settings* settings) {
  config::Settings loaded;
  Status status = command_line.load(&loaded);
  if (status.ok() && loaded.tls.none() != settings->tls.none()) {
    status = Status::invalid_argument(
        "tls-cert, tls-key and tls-ca: TLS cannot be switched on or off while rekeyd runs; restart "
        "it");
  }
  if (status.ok()) status = daemon->reload(loaded);
  if (!status.ok()) {
    spdlog::error("reload refused, nothing has changed: {}", status.message());
    return;
  }
  std::string restart;
  for (const config::Setting& setting : config::all_settings()) {
    const auto texts = setting.show(loaded);
    if (setting.show(*settings) == texts) continue;
    if (setting.reloads) {
      std::ignore = setting.take(texts, settings);
    } else {
      restart += (restart.empty() ? "" : ", ") + std::string(setting.name);
    }
  }
  spdlog::info("reloaded");
  if (!restart.empty()) spdlog::warn("changed, but taken only at a restart: {}", restart);
}

}  // namespace rekey::rekeyd
