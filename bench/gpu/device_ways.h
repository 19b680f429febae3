// SPDX-License-Identifier: Apache-2.0
//
// The two halves of what a GPU does, each alone: what binds it, and how much pipelining can hide.
#pragma once

#include <memory>
#include <memory_resource>

#include "gpu/way.h"

namespace rekey::bench {

/// copies_alone brings as many octets to the first CUDA device as the columns of a batch have and
/// as many back as its keys have, both ways at once, from and to pinned memory. Nothing is derived.
WayKind copies_alone();

/// kernel_alone derives every key from and to columns in the device's memory. Nothing is copied.
WayKind kernel_alone();

/// pinned_pieces gives memory every piece of which is pinned, however large; plain memory in a
/// build without a CUDA toolkit. Throws std::bad_alloc where the system pins no more.
std::unique_ptr<std::pmr::memory_resource> pinned_pieces();

}  // namespace rekey::bench
