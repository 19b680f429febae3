// SPDX-License-Identifier: Apache-2.0
//
// What callers are told, in gRPC's terms.
#pragma once

#include <grpcpp/support/status.h>

#include "dispatch/job.h"
#include "rekey/status.h"
#include "rekey/v1/key_derivation.pb.h"
#include "scheduler/scheduler.h"

namespace rekey::rpc {

grpc::Status to_grpc(const Status& status);

/// refusal says why a job was not accepted. `admission` is not kAccepted.
grpc::Status refusal(scheduler::Admission admission);

/// served_to_wire sets `*out_served`; times beyond 32 bits become the largest number there is.
void served_to_wire(const dispatch::Served& served, v1::Served* out_served);

}  // namespace rekey::rpc
