// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/first_number.h"

#include <chrono>

namespace rekey::contexts {

std::uint64_t first_number() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count());
}

}  // namespace rekey::contexts
