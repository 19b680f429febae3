// SPDX-License-Identifier: Apache-2.0
//
// The list of all settings. Flags, the configuration file, --help and reloading all follow it: a
// new setting is one more entry here and one more member of Settings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "rekey/status.h"

namespace rekey::config {

/// Shape is how a setting is written.
enum class Shape : std::uint8_t {
  kSwitch,  ///< a flag without a value; true or false in the file
  kValue,   ///< one value
  kList,    ///< a flag that may be repeated; a list in the file
};

/// Setting is one thing that rekeyd can be told.
struct Setting {
  std::string_view name = {};        ///< without dashes; the same in the file
  std::string_view value_name = {};  ///< as --help calls the value; empty for a switch
  std::string_view group = {};       ///< of --help
  std::string_view help = {};
  Shape shape = Shape::kValue;
  bool reloads = false;  ///< SIGHUP takes over a change
  /// A variable that is read when neither flag nor file say; semicolons separate a list.
  const char* environment = nullptr;
  /// take stores what was written, or says `expected ..., found '...'`.
  Status (*take)(const std::vector<std::string>& texts, Settings* out_settings) = nullptr;
  /// show is the inverse of take.
  std::vector<std::string> (*show)(const Settings& settings) = nullptr;
};

/// all_settings is ordered as --help shows them. Names are unique.
std::span<const Setting> all_settings();

/// find_setting returns null when there is none of that name.
const Setting* find_setting(std::string_view name);

}  // namespace rekey::config
