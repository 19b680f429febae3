// SPDX-License-Identifier: Apache-2.0
//
// Contexts in this process's memory: gone with it.
#pragma once

#include <cstddef>
#include <memory>

#include "contexts/store/context_store.h"

namespace rekey::contexts {

/// make_memory_store returns an empty store that keeps the last `kept_events` events. Values are in
/// memory that is wiped. Its numbers begin at the time of day, so that who resumes watching an
/// earlier store is told so.
std::unique_ptr<ContextStore> make_memory_store(std::size_t kept_events);

}  // namespace rekey::contexts
