// SPDX-License-Identifier: Apache-2.0
//
// Ways through the library's own interface, as a caller has them. The engine must outlive them.
#pragma once

#include <memory_resource>
#include <string>

#include "gpu/way.h"
#include "rekey/engine.h"

namespace rekey::bench {

/// end_to_end derives by columns that lie in `memory`, which must outlive it.
WayKind end_to_end(std::string name, std::string description, Engine& engine,
                   std::pmr::memory_resource* memory);

/// by_handles derives for AMSs that were added to resident contexts of the engine. Base stations,
/// counts and keys lie in `memory`.
WayKind by_handles(std::string name, std::string description, Engine& engine,
                   std::pmr::memory_resource* memory);

}  // namespace rekey::bench
