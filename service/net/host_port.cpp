// SPDX-License-Identifier: Apache-2.0
#include "net/host_port.h"

#include <arpa/inet.h>

#include <charconv>

namespace rekey::net {
namespace {

bool parse_port(std::string_view digits, std::uint16_t* out_port) {
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, *out_port);
  return error == std::errc() && stopped == end;
}

}  // namespace

Status HostPort::parse(std::string_view text, HostPort* out_host_port) {
  const Status wrong =
      Status::invalid_argument("expected HOST:PORT, such as 127.0.0.1:7316 or [::1]:7316, found '" +
                               std::string(text) + "'");
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong;
  HostPort host_port;
  if (!parse_port(text.substr(colon + 1), &host_port.port)) return wrong;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool has_colon = host.find(':') != std::string_view::npos;
  if (host.empty() || has_colon != bracketed) return wrong;
  host_port.host = host;
  *out_host_port = std::move(host_port);
  return {};
}

bool HostPort::is_loopback() const {
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::string HostPort::to_string() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace rekey::net
