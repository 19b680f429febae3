// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/channel.h"

#include "security/tls13.h"

namespace rekey::ctl {
namespace {

constexpr int kMaxReceiveOctets = 256 << 20;

/// gRPC names TLS when it was that; a server that refuses our certificate just hangs up.
std::string hint(const std::string& address, const std::string& cause, bool tls) {
  if (!tls) return "cannot reach " + address + ": is rekeyd running? (rekeyctl health)";
  return "cannot reach " + address +
         ": is rekeyd running, with TLS, and do both sides take each "
         "other's certificate? (" +
         cause + ")";
}

}  // namespace

Status client_credentials(const security::TlsFiles& tls,
                          std::shared_ptr<grpc::ChannelCredentials>* out_credentials) {
  *out_credentials = grpc::InsecureChannelCredentials();
  if (tls.none()) return {};
  security::Identity identity;
  if (Status s = security::Identity::load(tls, &identity); !s.ok()) {
    return {s.code(), "--" + s.message()};
  }
  if (Status s = security::require_tls13(); !s.ok()) return s;
  *out_credentials =
      grpc::SslCredentials({identity.ca_pem(), identity.key_pem(), identity.cert_pem()});
  return {};
}

grpc::ChannelArguments client_arguments(const std::string& server_name) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveOctets);
  // Keys do not take the detour that the environment may name.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!server_name.empty()) arguments.SetSslTargetNameOverride(server_name);
  return arguments;
}

Status Channel::open(const ServerFlags& flags, std::unique_ptr<Channel>* out_channel) {
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (Status s = client_credentials(flags.tls, &credentials); !s.ok()) return s;
  out_channel->reset(new Channel(
      flags.server,
      grpc::CreateCustomChannel(flags.server, credentials, client_arguments(flags.server_name)),
      !flags.tls.none()));
  return {};
}

Status Channel::status_of(const grpc::Status& end) const {
  if (end.ok()) return {};
  const auto code = static_cast<Code>(end.error_code());
  const bool connected = channel_->GetState(false) == GRPC_CHANNEL_READY;
  if (end.error_code() == grpc::StatusCode::UNAVAILABLE && !connected) {
    return {code, hint(address_, end.error_message(), tls_)};
  }
  return {code, address_ + ": " + end.error_message()};
}

Status Channel::broken(const std::string& message) const {
  return {Code::kInternal, address_ + ": " + message};
}

}  // namespace rekey::ctl
