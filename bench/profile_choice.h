// SPDX-License-Identifier: Apache-2.0
//
// The option --profile of every subcommand that measures profiles.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "rekey/profile.h"

namespace rekey::bench {

/// ProfileChoice is which profiles are measured; all of them unless some are named.
class ProfileChoice {
 public:
  /// add_to adds the option to a command, for as long as which it must live.
  void add_to(CLI::App* command);
  [[nodiscard]] std::vector<Profile> profiles() const;

 private:
  std::vector<std::string> names_;
};

}  // namespace rekey::bench
