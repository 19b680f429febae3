// SPDX-License-Identifier: Apache-2.0
//
// A configuration file, from its text to settings.
#include <string>

#include "config/make_settings.h"
#include "config/setting.h"
#include "config/toml_file.h"
#include "fuzz/fuzz_target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rekey;
  config::GivenSettings given;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const Status status = config::parse_toml(text, "f", &given); !status.ok()) {
    fuzz::require(status.message().starts_with("f:"), "an error names the file");
    return 0;
  }
  const config::GivenSettings* sources[] = {&given};
  config::Settings settings;
  if (const Status status = config::make_settings(sources, &settings); !status.ok()) {
    fuzz::require(status.message().find(": expected ") != std::string::npos,
                  "an error says what was expected");
    return 0;
  }
  fuzz::require(settings.insecure || !settings.tls.none() || settings.listen.is_loopback(),
                "plaintext leaves this machine only when asked for");
  fuzz::require(settings.tls.none() || settings.tls.all(), "the TLS files belong together");
  for (const config::Setting& setting : config::all_settings()) {
    const auto shown = setting.show(settings);
    if (shown.size() == 1 && shown[0].empty()) continue;  // not given
    config::Settings again;
    fuzz::require(setting.take(shown, &again).ok() && setting.show(again) == shown,
                  "what is shown is taken");
  }
  return 0;
}
