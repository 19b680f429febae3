// SPDX-License-Identifier: Apache-2.0
//
// How urgent a caller says its work is.
#pragma once

#include <array>
#include <cstdint>

namespace rekey::scheduler {

enum class Priority : std::uint8_t {
  kHandover,    ///< stations are waiting on the air
  kBackground,  ///< keys made ahead of time
};

inline constexpr std::array kAllPriorities = {Priority::kHandover, Priority::kBackground};

}  // namespace rekey::scheduler
