// SPDX-License-Identifier: Apache-2.0
//
// What time brings to an AMS.
#pragma once

#include "contexts/context.h"
#include "contexts/state_table.h"

namespace rekey::contexts {

/// Due is an event that time brings, and when.
struct Due {
  Millis at = kNever;  ///< kNever: nothing happens
  Event event = Event::kForgetTime;
};

/// first_due returns what happens next by itself. Of what happens at the same time, the first of
/// Event's order.
Due first_due(const Ams& ams);

/// next_due returns when something happens by itself; kNever if nothing does.
inline Millis next_due(const Ams& ams) { return first_due(ams).at; }

}  // namespace rekey::contexts
