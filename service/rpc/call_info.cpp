// SPDX-License-Identifier: Apache-2.0
#include "rpc/call_info.h"

#include <algorithm>
#include <chrono>

#include "scheduler/work.h"

namespace rekey::rpc {
namespace {

std::string caller_of(const grpc::ServerContextBase& context) {
  const auto identities = context.auth_context()->GetPeerIdentity();
  if (!identities.empty()) return {identities.front().data(), identities.front().size()};
  return std::string(host_of(context.peer()));
}

std::uint64_t deadline_us(const grpc::ServerContextBase& context, std::uint64_t now_us) {
  using Clock = std::chrono::system_clock;
  const Clock::time_point deadline = context.deadline();
  if (deadline == Clock::time_point::max()) return scheduler::kNever;
  const auto left =
      std::chrono::duration_cast<std::chrono::microseconds>(deadline - Clock::now()).count();
  if (left >= 0) return now_us + static_cast<std::uint64_t>(left);
  return now_us - std::min(now_us, static_cast<std::uint64_t>(-left));
}

}  // namespace

CallInfo call_info(const grpc::ServerContextBase& context, std::uint64_t now_us) {
  return {caller_of(context), deadline_us(context, now_us)};
}

std::string_view host_of(std::string_view peer) {
  if (!peer.starts_with("ipv4:") && !peer.starts_with("ipv6:")) return peer;
  const std::size_t first = peer.find(':') + 1;
  const std::size_t port = peer.rfind(':');
  return port >= first ? peer.substr(first, port - first) : peer.substr(first);
}

}  // namespace rekey::rpc
