// SPDX-License-Identifier: Apache-2.0
//
// The bound: how many AMSs a second a core could derive that did nothing but AES rounds.
#pragma once

#include "rekey/profile.h"

namespace rekey::bench {

/// AmsCost is what deriving all keys of one AMS takes (one security association of two TEKs where
/// the profile has TEKs), counting one AES block for the CMAC subkeys of each Kin.
struct AmsCost {
  unsigned aes_blocks = 0;
  unsigned key_schedules = 0;
};

/// cost_of_ams returns the costs in section 4 of the key-derivation specification.
AmsCost cost_of_ams(Profile profile);

/// block_rounds_of_ams counts ten rounds a block, and ten a key schedule: its S-boxes need the same
/// unit.
double block_rounds_of_ams(Profile profile);

}  // namespace rekey::bench
