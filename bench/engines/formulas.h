// SPDX-License-Identifier: Apache-2.0
//
// The contenders that are written by hand: the key hierarchies as a network function would code
// them, from the specification alone, over one of several ways to compute MACs. All ways share
// the formulas, so that what is compared is the ways; none shares anything with the engines, so
// that their keys are a check on the engines' too.
#pragma once

#include <memory>

#include "engines/contender.h"
#include "engines/mac_way.h"

namespace rekey::bench {

/// make_formulas returns a contender with the way's name, available where the way is.
std::unique_ptr<Contender> make_formulas(std::unique_ptr<MacWay> way);

}  // namespace rekey::bench
