// SPDX-License-Identifier: Apache-2.0
#include "rpc/call_info.h"

#include <algorithm>
#include <chrono>

#include "rpc/caller.h"
#include "scheduler/work.h"

namespace rekey::rpc {
namespace {

std::uint64_t deadline_us(const grpc::ServerContextBase& context,
                          const dispatch::Dispatcher& dispatcher) {
  using Clock = std::chrono::system_clock;
  const Clock::time_point deadline = context.deadline();
  if (deadline == Clock::time_point::max()) return scheduler::kNever;
  const std::uint64_t now_us = dispatcher.now_us();
  const auto left =
      std::chrono::duration_cast<std::chrono::microseconds>(deadline - Clock::now()).count();
  if (left >= 0) return now_us + static_cast<std::uint64_t>(left);
  return now_us - std::min(now_us, static_cast<std::uint64_t>(-left));
}

}  // namespace

CallInfo call_info(grpc::CallbackServerContext& context, const dispatch::Dispatcher& dispatcher,
                   const CallWatch& watch) {
  return {caller_of(context), deadline_us(context, dispatcher), watch};
}

}  // namespace rekey::rpc
