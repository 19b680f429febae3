// SPDX-License-Identifier: Apache-2.0
//
// How an AMS and its contexts are shown in an answer.
#pragma once

#include "contexts/life.h"

namespace rekey::contexts {

/// show_ams sets what an answer says of the AMS as a whole.
void show_ams(const Ams& ams, Answer* out_answer);

/// show_context returns a context that `ams` holds, as an answer shows it without its keys.
AnsweredContext show_context(const Ams& ams, Role role, const KeyContext& context);

/// add_derivation has everything that lives of a shown context derived.
void add_derivation(const Ams& ams, AnsweredContext* answered);

}  // namespace rekey::contexts
