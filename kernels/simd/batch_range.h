// SPDX-License-Identifier: Apache-2.0
//
// The part of a batch that one thread derives.
#pragma once

#include <cstddef>

namespace rekey::simd {

/// BatchRange is a run of AMSs of a batch.
struct BatchRange {
  std::size_t first_item = 0;
  std::size_t items = 0;
  std::size_t first_sa = 0;  ///< security associations of all AMSs before `first_item`
};

}  // namespace rekey::simd
