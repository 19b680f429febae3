// SPDX-License-Identifier: Apache-2.0
#include "engines/bound.h"

namespace rekey::bench {

AmsCost cost_of_ams(Profile profile) {
  switch (profile) {
    case Profile::k16mDraft:
      return {17, 3};
    case Profile::k16mPublished:  // without PREKEY's T(0), which is never exported
    case Profile::kLegacy16e:
      return {19, 4};
  }
  return {};
}

double block_rounds_of_ams(Profile profile) {
  constexpr double kRounds = 10;
  const AmsCost cost = cost_of_ams(profile);
  return kRounds * (cost.aes_blocks + cost.key_schedules);
}

}  // namespace rekey::bench
