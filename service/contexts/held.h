// SPDX-License-Identifier: Apache-2.0
//
// What an AMS holds at a time: its contexts, and whose keys they have.
#pragma once

#include "contexts/life.h"

namespace rekey::contexts {

/// Whether the serving context is used.
inline bool in_use(AmsState state) {
  return state == AmsState::kServing || state == AmsState::kPreparing;
}

/// for_each_context calls `visit(role, context)` for the serving one, the targets and the old one.
template <typename AmsType, typename Visit>
void for_each_context(AmsType& ams, Visit visit) {
  if (ams.serving) visit(Role::kServing, *ams.serving);
  for (auto& target : ams.targets) visit(Role::kTarget, target.context);
  if (ams.old) visit(Role::kOld, ams.old->context);
}

/// authentication_of returns what the keys of a context that is held are derived from.
inline const Authentication& authentication_of(const Ams& ams, Role role) {
  return role == Role::kOld ? ams.old->authentication : ams.authentication;
}

}  // namespace rekey::contexts
