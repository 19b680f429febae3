// SPDX-License-Identifier: Apache-2.0
//
// Memory for one record.
#pragma once

#include <cstddef>
#include <memory_resource>

#include "rekey/secret.h"

namespace rekey::contexts {

/// record_buffer returns wiped memory that, unlike a column's, has no place of its own in a cache:
/// it is had faster.
inline SecretBuffer record_buffer(std::size_t octets) {
  return SecretBuffer(octets, std::pmr::new_delete_resource());
}

}  // namespace rekey::contexts
