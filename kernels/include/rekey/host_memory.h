// SPDX-License-Identifier: Apache-2.0
//
// Where columns lie in host memory: in large pages, for CPU engines, or pinned, for GPUs.
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>

namespace rekey {

/// large_page_memory returns what SecretBuffers take their memory from unless they are told
/// otherwise. It is plain memory; pieces of 2 MiB and more ask the system for large pages: an
/// engine walks through a dozen long columns at once, and finding its way through as many small
/// pages costs it a fifth of its time and more. Thread-safe; it lives as long as the process.
std::pmr::memory_resource* large_page_memory();

/// GPUs copy from and to pinned memory on their own. Columns anywhere else are copied once more, by
/// the thread that calls the engine, and that bounds what one thread gets out of a device.
///
/// make_pinned_memory returns memory for SecretBuffers: a pool of `octets` octets that is pinned
/// when it is made, and plain memory for what does not fit and for pieces of more than 4 MiB.
/// Pieces are rounded up to powers of two, and each thread keeps a few of every size it had. Where
/// nothing can be pinned (no CUDA toolkit in this build, no device, too little memory) all of it is
/// plain. It pays where a CUDA engine serves. Thread-safe; must outlive what was allocated from it.
/// It does not wipe what is given back: SecretBuffers have done so.
std::unique_ptr<std::pmr::memory_resource> make_pinned_memory(std::size_t octets);

}  // namespace rekey
