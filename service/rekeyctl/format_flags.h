// SPDX-License-Identifier: Apache-2.0
//
// Which of the two text formats a file has.
#pragma once

#include <string>
#include <string_view>

#include "rekey/status.h"
#include "wave/format.h"

namespace rekey::ctl {

/// resolve_format takes the format a flag names or, when `name` is empty, goes by the extension of
/// `path`. Returns kInvalidArgument naming `flag` when the name is unknown or nothing tells.
inline Status resolve_format(std::string_view flag, const std::string& name,
                             const std::string& path, wave::Format* out_format) {
  const auto format = name.empty() ? wave::format_of_path(path) : wave::format_from_string(name);
  if (format) {
    *out_format = *format;
    return {};
  }
  const std::string expected = std::string(flag) + ": expected csv or jsonl, found ";
  if (!name.empty()) return Status::invalid_argument(expected + name);
  return Status::invalid_argument(expected + "none, and the name " + path + " does not tell");
}

}  // namespace rekey::ctl
