// SPDX-License-Identifier: Apache-2.0
//
// Keeps keys out of swap.
#pragma once

#include "rekey/status.h"

namespace rekey {

/// lock_memory has all memory of this process, what it will ask for later and what libraries keep
/// in their own buffers, stay out of swap; a page is locked when it is first used. Where the limit
/// on locked memory is finite it does nothing, since later requests for memory would fail at the
/// limit: kFailedPrecondition says what to raise.
Status lock_memory();

}  // namespace rekey
