// SPDX-License-Identifier: Apache-2.0
#pragma once

// Why the operating system could not do what it was asked.

#include <string>
#include <system_error>

namespace rekey::wave {

/// system_reason says in words what the errno `error` means.
inline std::string system_reason(int error) { return std::generic_category().message(error); }

}  // namespace rekey::wave
