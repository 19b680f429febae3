// SPDX-License-Identifier: Apache-2.0
//
// The part of a batch that one thread derives.
#pragma once

#include <cstddef>

namespace rekey::simd {

/// BatchRange is consecutive AMSs of a batch, with their security associations. Unless it ends with
/// the batch, its number of AMSs is a multiple of the target's `abreast`.
struct BatchRange {
  std::size_t first_item = 0;
  std::size_t items = 0;
  std::size_t first_sa = 0;  ///< where its security associations begin in the batch's flat list
};

}  // namespace rekey::simd
