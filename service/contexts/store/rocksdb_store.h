// SPDX-License-Identifier: Apache-2.0
//
// Contexts in one directory of this machine, held by one process.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "contexts/store/context_store.h"
#include "rekey/status.h"

namespace rekey::contexts {

/// open_rocksdb_store opens a directory, or makes one that only its owner can enter. What a write
/// has done is on the disk when it returns. It keeps the last `kept_events` events, or a quarter
/// more. kFailedPrecondition: another process holds the directory, or it has something else in it;
/// kInternal: it cannot be used or is damaged; the message names the directory.
///
/// A write that fails because the disk is full is kResourceExhausted; writes go on by themselves
/// some seconds after there are 64 MiB of room again.
Status open_rocksdb_store(const std::string& directory, std::size_t kept_events,
                          std::unique_ptr<ContextStore>* out_store);

}  // namespace rekey::contexts
