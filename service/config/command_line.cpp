// SPDX-License-Identifier: Apache-2.0
#include "config/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <utility>
#include <vector>

#include "config/make_settings.h"
#include "config/setting.h"
#include "config/toml_file.h"
#include "contexts/store/sealing_keys.h"
#include "rpc/version.h"

namespace rekey::config {
namespace {

constexpr char kDescription[] =
    "rekeyd derives handover keys in bulk and serves them over gRPC.\n"
    "\n"
    "It derives from PMKs, which must not leave the authenticator: run it on the authenticator's\n"
    "side. Every engine reproduces known answers before it serves. SIGTERM or SIGINT drains: "
    "health\n"
    "says NOT_SERVING, new calls are refused, accepted work is answered, exit 0. A second signal\n"
    "ends it at once. SIGHUP reads the configuration file and the certificates again.";

constexpr char kFooter[] =
    "\nA flag wins over the configuration file, which wins over the environment.\n"
    "\n"
    "Exit codes:\n"
    "  0  drained after a signal; or --help, --version, a good --check-config\n"
    "  1  could not start (engine, address), or calls were still open when the drain gave up\n"
    "  2  wrong usage or configuration";

std::string default_text(const Setting& setting) {
  const Settings defaults;
  const std::vector<std::string> texts = setting.show(defaults);
  return texts.empty() ? "" : texts.front();
}

/// What stands between semicolons.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// One flag, its value in `*out_texts`.
CLI::Option* add_flag(const Setting& setting, CLI::App* app, std::vector<std::string>* out_texts) {
  const std::string flag = "--" + std::string(setting.name);
  const std::string help(setting.help);
  CLI::Option* option = nullptr;
  if (setting.shape == Shape::kSwitch) {
    option = app->add_flag_callback(
        flag, [out_texts] { *out_texts = {"true"}; }, help);
  } else {
    option = app->add_option(flag, *out_texts, help)->allow_extra_args(false);
    option->type_name(std::string(setting.value_name));
    if (setting.shape == Shape::kValue) {
      option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
      // The default of simd-threads is this machine's, and its text says so.
      if (setting.name != "simd-threads") option->default_str(default_text(setting));
    }
  }
  if (setting.environment != nullptr)
    option->description(help + " (environment: " + setting.environment + ")");
  return option->group(std::string(setting.group));
}

}  // namespace

bool CommandLine::parse(int argc, const char* const* argv, CommandLine* out_command_line,
                        int* out_exit_code) {
  CommandLine line;
  CLI::App app(kDescription, "rekeyd");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("rekeyd ") + rpc::kVersion);
  app.add_option(
         "--config", line.config_file,
         "Read settings from a TOML file: one `name = value` a line, names as below without "
         "the dashes, for example `verify = \"all\"`")
      ->type_name("FILE");
  app.add_flag("--check-config", line.check_config,
               "Check the settings and the files they name, say what is wrong, and exit");
  struct Flag {
    const Setting* setting;
    CLI::Option* option;
    std::vector<std::string> texts;
  };
  // A deque: the flags keep pointers to their texts.
  std::deque<Flag> flags;
  for (const Setting& setting : all_settings()) {
    Flag& flag = flags.emplace_back(Flag{&setting, nullptr, {}});
    flag.option = add_flag(setting, &app, &flag.texts);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    *out_exit_code = app.exit(error) == 0 ? kExitOk : kExitUsage;
    return false;
  }
  for (Flag& flag : flags) {
    const std::string name(flag.setting->name);
    if (flag.option->count() > 0) {
      line.flags[name] = {.texts = std::move(flag.texts), .where = "--" + name};
    }
    const char* variable = flag.setting->environment;
    if (const char* text = variable == nullptr ? nullptr : std::getenv(variable); text != nullptr) {
      const bool list = flag.setting->shape == Shape::kList;
      line.environment[name] = {.texts = list ? split(text) : std::vector<std::string>{text},
                                .where = variable};
    }
  }
  *out_command_line = std::move(line);
  return true;
}

Status CommandLine::load(Settings* out_settings) const {
  GivenSettings file;
  if (!config_file.empty()) {
    if (Status s = read_toml(config_file, &file); !s.ok()) return s;
  }
  Settings settings;
  const GivenSettings* sources[] = {&environment, &file, &flags};
  if (Status s = make_settings(sources, &settings); !s.ok()) return s;
  if (!settings.tls.none()) {
    security::Identity identity;
    if (Status s = security::Identity::load(settings.tls, &identity); !s.ok()) return s;
  }
  if (settings.contexts_store.is_sealed()) {
    contexts::SealingKeys keys;
    if (Status s = contexts::SealingKeys::read_set(settings.contexts_key_file, &keys); !s.ok()) {
      return {s.code(), "contexts-key-file: " + s.message()};
    }
  }
  *out_settings = std::move(settings);
  return {};
}

}  // namespace rekey::config
