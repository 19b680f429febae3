// SPDX-License-Identifier: Apache-2.0
//
// The configuration file: TOML, one key a flag, named as the flag is without its dashes.
#pragma once

#include <string>
#include <string_view>

#include "config/given.h"
#include "rekey/status.h"

namespace rekey::config {

/// parse_toml reads the text of a file. kInvalidArgument has one line for each thing that is wrong:
/// `file:line: key: expected ..., found ...`.
Status parse_toml(std::string_view text, const std::string& file, GivenSettings* out_given);

/// read_toml reads a file. kInvalidArgument also when it cannot be read.
Status read_toml(const std::string& file, GivenSettings* out_given);

}  // namespace rekey::config
