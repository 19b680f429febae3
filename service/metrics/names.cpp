// SPDX-License-Identifier: Apache-2.0
#include "metrics/names.h"

#include <algorithm>
#include <array>

namespace rekey::metrics {
namespace {

constexpr std::array<std::string_view, kCodes> kNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

}  // namespace

std::size_t index_of(grpc::StatusCode code) {
  const auto index = static_cast<std::size_t>(code);
  return index < kCodes ? index : static_cast<std::size_t>(grpc::StatusCode::UNKNOWN);
}

std::string_view name_of(grpc::StatusCode code) { return kNames[index_of(code)]; }

std::string_view cause_of(grpc::StatusCode code) {
  const Cause* found = std::ranges::find(kCauses, code, &Cause::code);
  return found == std::end(kCauses) ? "other" : found->name;
}

}  // namespace rekey::metrics
