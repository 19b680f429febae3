// SPDX-License-Identifier: Apache-2.0
#include "rpc/status.h"

#include <algorithm>

namespace rekey::rpc {
namespace {

std::uint32_t saturated(std::uint64_t number) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, UINT32_MAX));
}

}  // namespace

grpc::Status to_grpc(const Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), status.message()};
}

grpc::Status refusal(scheduler::Admission admission) {
  switch (admission) {
    case scheduler::Admission::kAccepted:
      break;
    case scheduler::Admission::kQueueFull:
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full: try again later"};
    case scheduler::Admission::kTooLarge:
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "the request is larger than any batch"};
    case scheduler::Admission::kDraining:
      return {grpc::StatusCode::UNAVAILABLE, "the server is draining: try another one"};
  }
  return {grpc::StatusCode::INTERNAL, "unknown admission"};
}

void served_to_wire(const dispatch::Served& served, v1::Served* out_served) {
  out_served->set_engine(served.engine);
  out_served->set_batch_items(saturated(served.batch_items));
  out_served->set_queue_us(saturated(served.queue_us));
  out_served->set_engine_us(saturated(served.engine_us));
  out_served->set_verified(served.verified);
}

}  // namespace rekey::rpc
