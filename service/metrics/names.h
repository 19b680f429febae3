// SPDX-License-Identifier: Apache-2.0
//
// gRPC's codes as labels.
#pragma once

#include <grpcpp/support/status_code_enum.h>

#include <cstddef>
#include <string_view>

namespace rekey::metrics {

/// How many codes gRPC has.
inline constexpr std::size_t kCodes = 17;

/// index_of returns a number below kCodes; that of UNKNOWN for what is no code.
std::size_t index_of(grpc::StatusCode code);

/// name_of returns, for example, `RESOURCE_EXHAUSTED`.
std::string_view name_of(grpc::StatusCode code);

/// Cause is why a request was not served, going by the code it was answered with.
struct Cause {
  grpc::StatusCode code;
  std::string_view name;
};

inline constexpr Cause kCauses[] = {
    {grpc::StatusCode::RESOURCE_EXHAUSTED, "overload"},
    {grpc::StatusCode::UNAVAILABLE, "unavailable"},  // draining, no engine, or no room for audit
    {grpc::StatusCode::DEADLINE_EXCEEDED, "deadline"},
    {grpc::StatusCode::CANCELLED, "cancelled"},
    {grpc::StatusCode::INVALID_ARGUMENT, "malformed"},
    {grpc::StatusCode::PERMISSION_DENIED, "role"},
    {grpc::StatusCode::INTERNAL, "internal"},
};

/// cause_of returns `other` for a code that kCauses does not list.
std::string_view cause_of(grpc::StatusCode code);

}  // namespace rekey::metrics
