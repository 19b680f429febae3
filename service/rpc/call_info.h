// SPDX-License-Identifier: Apache-2.0
//
// What scheduling needs to know of a call: whose it is, and how long its caller waits.
#pragma once

#include <grpcpp/server_context.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace rekey::rpc {

/// CallInfo says who calls and until when.
struct CallInfo {
  /// The name in the caller's certificate; without one, the host it calls from.
  std::string caller;
  std::uint64_t deadline_us = 0;  ///< by the dispatcher's clock; scheduler::kNever: none
};

/// call_info reads a call's context. `now_us` is the present by the dispatcher's clock.
CallInfo call_info(const grpc::ServerContextBase& context, std::uint64_t now_us);

/// host_of returns the host in gRPC's name for a peer, such as `ipv4:192.0.2.1:4711`.
std::string_view host_of(std::string_view peer);

}  // namespace rekey::rpc
