// SPDX-License-Identifier: Apache-2.0
//
// Contexts in a Redis server that several rekeyds share.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "contexts/store/context_store.h"
#include "net/host_port.h"
#include "rekey/status.h"

namespace rekey::contexts {

/// open_redis_store connects to a Redis server (7.0 or later). Changes are compared and done by a
/// script in the server, so that of two processes that change the same version of a record one
/// alone succeeds. It keeps the last `kept_events` events. kUnavailable: the server cannot be
/// reached.
///
/// A call that takes longer than `timeout` to connect, or to get any one answer, is kUnavailable; a
/// later call connects anew. What was written survives a crash of the server if it has `appendonly
/// yes` and `appendfsync always`: it then answers after it has written.
Status open_redis_store(const net::HostPort& server, std::size_t kept_events,
                        std::chrono::milliseconds timeout,
                        std::unique_ptr<ContextStore>* out_store);

}  // namespace rekey::contexts
