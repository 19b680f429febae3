// SPDX-License-Identifier: Apache-2.0
//
// What is known of a call besides its request: whose it is, and how long its caller waits.
#pragma once

#include <grpcpp/server_context.h>

#include <cstdint>
#include <string>

#include "dispatch/dispatcher.h"
#include "rpc/call_watch.h"

namespace rekey::rpc {

/// CallInfo says who calls and until when, and sees to it that observers are told.
struct CallInfo {
  std::string caller;             ///< caller_of()
  std::uint64_t deadline_us = 0;  ///< by the dispatcher's clock; scheduler::kNever: none
  CallWatch watch{};
};

/// call_info reads a call's context. The deadline goes by the clock of `dispatcher`; `watch` is the
/// new call's.
CallInfo call_info(grpc::CallbackServerContext& context, const dispatch::Dispatcher& dispatcher,
                   const CallWatch& watch);

}  // namespace rekey::rpc
