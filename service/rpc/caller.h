// SPDX-License-Identifier: Apache-2.0
//
// Who calls, and as part of which trace: what a call's connection and metadata say.
#pragma once

#include <grpcpp/server_context.h>

#include <string>
#include <string_view>

namespace rekey::rpc {

/// caller_of returns the first alternative name of the caller's certificate, or its common name; on
/// plaintext the address of its host, without the port.
std::string caller_of(grpc::CallbackServerContext& context);

/// host_of_peer takes the host out of gRPC's name for a peer: `ipv4:10.0.0.1:5000` or
/// `ipv6:%5B::1%5D:5000`. What is neither is returned as it is.
std::string host_of_peer(std::string_view peer);

/// trace_of returns the caller's W3C trace context, the value of `traceparent`, when it is one of
/// version 00; otherwise an empty string.
std::string trace_of(const grpc::ServerContextBase& context);

/// is_traceparent says whether the text is a trace context of version 00: `00-`, 32 hex digits that
/// are not all 0, `-`, 16 of the same, `-`, 2 hex digits; lower case.
bool is_traceparent(std::string_view text);

}  // namespace rekey::rpc
