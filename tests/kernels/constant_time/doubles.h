// SPDX-License-Identifier: Apache-2.0
//
// Engines that leak their keys in known ways, and one that does not: what every search for leaks
// has to tell apart before its word on a real engine counts. All "derive" the AK alone.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rekey/engine.h"

namespace rekey::test {

/// kFixedPmk is the PMK of the fixed class, and the one that the early-exit double knows.
inline constexpr std::array<std::uint8_t, kPmkOctets> kFixedPmk = {
    0x3C, 0x91, 0x0B, 0xE7, 0x58, 0x2D, 0xC4, 0x76, 0xAF, 0x13,
    0x60, 0xD9, 0x85, 0x4E, 0xF2, 0x27, 0x9A, 0x01, 0xBB, 0x6C};

/// make_early_exit_engine compares every PMK with kFixedPmk as memcmp does: the branch that leaves
/// the loop depends on the key.
std::unique_ptr<Engine> make_early_exit_engine();

/// make_table_lookup_engine substitutes every octet of the PMK from a table: an address depends on
/// the key.
std::unique_ptr<Engine> make_table_lookup_engine();

/// make_branch_free_engine compares every PMK with kFixedPmk without a branch.
std::unique_ptr<Engine> make_branch_free_engine();

}  // namespace rekey::test
