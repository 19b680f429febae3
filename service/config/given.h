// SPDX-License-Identifier: Apache-2.0
//
// Settings as they were written, before anything is checked.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace rekey::config {

/// Given is what was written for one setting.
struct Given {
  std::vector<std::string> texts;  ///< never empty but for an empty list
  std::string where;               ///< as an error names it: `--verify` or `rekeyd.toml:3: verify`
};

/// GivenSettings are by name of the setting.
using GivenSettings = std::map<std::string, Given, std::less<>>;

}  // namespace rekey::config
