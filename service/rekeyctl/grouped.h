// SPDX-License-Identifier: Apache-2.0
//
// Numbers for people.
#pragma once

#include <cstdint>
#include <string>

namespace rekey::ctl {

/// grouped writes a number with a comma before every third digit from the right.
inline std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3;) {
    i -= 3;
    text.insert(i, 1, ',');
  }
  return text;
}

}  // namespace rekey::ctl
