// SPDX-License-Identifier: Apache-2.0
//
// How errors in requests read.
#pragma once

#include <string>
#include <string_view>

#include "rekey/status.h"

namespace rekey::wire {

/// wrong returns kInvalidArgument saying `<field>: expected <expected>, found <found>`.
inline Status wrong(std::string_view field, const std::string& expected, const std::string& found) {
  return Status::invalid_argument(std::string(field) + ": expected " + expected + ", found " +
                                  found);
}

}  // namespace rekey::wire
