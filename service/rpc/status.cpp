// SPDX-License-Identifier: Apache-2.0
#include "rpc/status.h"

#include <algorithm>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace rekey::rpc {
namespace {

constexpr char kNoEngine[] = "no engine is serving: try another server";

/// A refusal that says when to try again.
grpc::Status overload(grpc::StatusCode code, const std::string& message,
                      const scheduler::Answer& answer) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(static_cast<std::int64_t>(answer.retry_us / 1'000'000));
  retry.mutable_retry_delay()->set_nanos(
      static_cast<std::int32_t>(answer.retry_us % 1'000'000 * 1'000));
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(message);
  details.add_details()->PackFrom(retry);
  return {code, message, details.SerializeAsString()};
}

}  // namespace

grpc::Status to_grpc(const Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), status.message()};
}

grpc::Status refusal(const scheduler::Answer& answer) {
  using scheduler::Admission;
  switch (answer.admission) {
    case Admission::kAccepted:
      break;
    case Admission::kQueueFull:
      return overload(grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full: try again later",
                      answer);
    case Admission::kCallerFull:
      return overload(grpc::StatusCode::RESOURCE_EXHAUSTED,
                      "this caller's share of the queue is full: try again later", answer);
    case Admission::kRateLimited:
      return overload(grpc::StatusCode::RESOURCE_EXHAUSTED,
                      "this caller asks for more AMSs a second than it may: try again later",
                      answer);
    case Admission::kTooLarge:
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "the request is larger than the queue"};
    case Admission::kTooLate:
      return ended(scheduler::Outcome::kExpired);
    case Admission::kDraining:
      return {grpc::StatusCode::UNAVAILABLE, "the server is draining: try another one"};
    case Admission::kNoEngine:
      return overload(grpc::StatusCode::UNAVAILABLE, kNoEngine, answer);
  }
  return {grpc::StatusCode::INTERNAL, "unknown admission"};
}

grpc::Status ended(scheduler::Outcome outcome) {
  using scheduler::Outcome;
  switch (outcome) {
    case Outcome::kDone:
      return grpc::Status::OK;
    case Outcome::kCancelled:
      return {grpc::StatusCode::CANCELLED, "cancelled before its keys were derived"};
    case Outcome::kExpired:
      return {grpc::StatusCode::DEADLINE_EXCEEDED, "the keys could not be derived in time"};
    case Outcome::kFailed:
      // What went wrong inside is for the operator; a caller can only try again.
      return {grpc::StatusCode::INTERNAL, "no engine could derive these keys; none was returned"};
    case Outcome::kNoEngine:
      return {grpc::StatusCode::UNAVAILABLE, kNoEngine};
  }
  return {grpc::StatusCode::INTERNAL, "unknown outcome"};
}

std::uint32_t saturated(std::uint64_t number) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, UINT32_MAX));
}

void served_to_wire(const dispatch::Served& served, v1::Served* out_served) {
  out_served->set_engine(served.engine);
  out_served->set_batch_items(saturated(served.batch_items));
  out_served->set_queue_us(saturated(served.queue_us));
  out_served->set_engine_us(saturated(served.engine_us));
  out_served->set_verified(served.verified);
}

}  // namespace rekey::rpc
