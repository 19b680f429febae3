// SPDX-License-Identifier: Apache-2.0
#include "rpc/caller.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/grpc_security_constants.h>
#include <grpc/support/alloc.h>

#include <algorithm>
#include <memory>

namespace rekey::rpc {
namespace {

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != text.npos;
}

}  // namespace

std::string caller_of(grpc::CallbackServerContext& context) {
  // Every call asks this. gRPC's C++ classes copy all there is to know of the connection.
  grpc_call* const call = context.c_call();
  const std::unique_ptr<grpc_auth_context, decltype(&grpc_auth_context_release)> auth(
      grpc_call_auth_context(call), grpc_auth_context_release);
  if (auth != nullptr && grpc_auth_context_peer_is_authenticated(auth.get()) != 0) {
    for (const char* property : {GRPC_X509_SAN_PROPERTY_NAME, GRPC_X509_CN_PROPERTY_NAME}) {
      grpc_auth_property_iterator names =
          grpc_auth_context_find_properties_by_name(auth.get(), property);
      const grpc_auth_property* name = grpc_auth_property_iterator_next(&names);
      if (name != nullptr) return {name->value, name->value_length};
    }
  }
  const std::unique_ptr<char, decltype(&gpr_free)> peer(grpc_call_get_peer(call), gpr_free);
  return host_of_peer(peer.get());
}

std::string host_of_peer(std::string_view peer) {
  constexpr std::string_view kV4 = "ipv4:";
  constexpr std::string_view kV6 = "ipv6:%5B";
  if (peer.starts_with(kV4)) {
    return std::string(peer.substr(kV4.size(), peer.rfind(':') - kV4.size()));
  }
  if (const std::size_t end = peer.find("%5D"); peer.starts_with(kV6) && end != peer.npos) {
    return std::string(peer.substr(kV6.size(), end - kV6.size()));
  }
  return std::string(peer);
}

std::string trace_of(const grpc::ServerContextBase& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("traceparent");
  if (found == metadata.end()) return {};
  const std::string_view text(found->second.data(), found->second.size());
  return is_traceparent(text) ? std::string(text) : std::string();
}

bool is_traceparent(std::string_view text) {
  return text.size() == 55 && text.starts_with("00-") && is_id(text.substr(3, 32)) &&
         text[35] == '-' && is_id(text.substr(36, 16)) && text[52] == '-' &&
         is_hex(text.substr(53, 2));
}

}  // namespace rekey::rpc
