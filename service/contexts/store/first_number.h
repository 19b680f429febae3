// SPDX-License-Identifier: Apache-2.0
//
// Where a new store begins to count.
#pragma once

#include <cstdint>

namespace rekey::contexts {

/// first_number returns the microseconds since 1970. A store that takes the place of a lost one
/// thus begins above every version and event of the lost one, as long as there were fewer than a
/// million of them a second.
std::uint64_t first_number();

}  // namespace rekey::contexts
