// SPDX-License-Identifier: Apache-2.0
//
// Has the threads that read and answer get a core soon, also while all cores derive.
#pragma once

namespace rekey::rpc {

/// ask_for_short_turns has the system give the calling thread, and those that it starts from then
/// on, their share of a core in turns of 100 us: they are to run soon after they are woken up, and
/// not when a thread that derives is through with a turn of some milliseconds. The share stays the
/// same. Linux has this since 6.12; before, and where it is forbidden, nothing changes.
void ask_for_short_turns();

}  // namespace rekey::rpc
