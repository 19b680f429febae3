// SPDX-License-Identifier: Apache-2.0
//
// The keys of answered contexts, from the engines.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "contexts/life.h"
#include "dispatch/dispatcher.h"
#include "dispatch/job.h"
#include "rekey/v1/key_contexts.pb.h"
#include "scheduler/work.h"

namespace rekey::contexts {

/// Wanted is one context whose keys are to be derived. What is pointed at must outlive
/// derive_keys().
struct Wanted {
  const Msid* msid = nullptr;
  Profile profile = Profile::k16mDraft;
  ProfileOptions options;
  AnsweredContext context;  ///< with a derivation
  v1::ContextKeys* out_keys = nullptr;
};

/// CallerInfo is whose work it is and how long it may take.
struct CallerInfo {
  std::string_view name;
  std::uint64_t deadline_us = scheduler::kNever;  ///< by the dispatcher's clock
};

/// NoKeys is why none were derived: not accepted, or accepted and not done.
using NoKeys = std::variant<std::monostate, scheduler::Answer, scheduler::Outcome>;

/// derive_keys fills in the keys of all contexts, and waits for that: contexts of one profile whose
/// COUNTER_TEKs are the same are one request to the engines, and all requests are let in or refused
/// together. std::monostate means done, and `*out_served` says how, of these keys and of those it
/// told of before; otherwise no keys are set.
NoKeys derive_keys(dispatch::Dispatcher* dispatcher, const CallerInfo& caller,
                   const std::vector<Wanted>& wanted, dispatch::Served* out_served);

}  // namespace rekey::contexts
