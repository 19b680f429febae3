// SPDX-License-Identifier: Apache-2.0
//
// Host memory that GPUs copy from and to on their own. Columns anywhere else are copied once more,
// by the thread that calls the engine, and that bounds what one thread gets out of a device.
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>

namespace rekey {

/// make_pinned_memory returns memory for SecretBuffers: a pool of `octets` octets that is pinned
/// when it is made, and plain memory for what does not fit and for pieces of more than 4 MiB.
/// Pieces are rounded up to powers of two, and each thread keeps a few of every size it had. Where
/// nothing can be pinned (no CUDA toolkit in this build, no device, too little memory) all of it is
/// plain. It pays where a CUDA engine serves. Thread-safe; must outlive what was allocated from it.
/// It does not wipe what is given back: SecretBuffers have done so.
std::unique_ptr<std::pmr::memory_resource> make_pinned_memory(std::size_t octets);

}  // namespace rekey
