// SPDX-License-Identifier: Apache-2.0
//
// What callers are told, in gRPC's terms.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>

#include "dispatch/job.h"
#include "rekey/status.h"
#include "rekey/v1/key_derivation.pb.h"
#include "scheduler/work.h"

namespace rekey::rpc {

grpc::Status to_grpc(const Status& status);

/// refusal says why a job was not accepted; `answer` is not kAccepted. Where there is a time to try
/// again, the status details have a google.rpc.RetryInfo.
grpc::Status refusal(const scheduler::Answer& answer);

/// ended says how an accepted job ended.
grpc::Status ended(scheduler::Outcome outcome);

/// saturated returns a number as the wire has it: beyond 32 bits it is the largest number there is.
std::uint32_t saturated(std::uint64_t number);

/// served_to_wire sets `*out_served`, its numbers saturated().
void served_to_wire(const dispatch::Served& served, v1::Served* out_served);

}  // namespace rekey::rpc
