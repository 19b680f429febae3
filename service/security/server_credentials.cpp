// SPDX-License-Identifier: Apache-2.0
#include "security/server_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/grpc_security_constants.h>

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rekey::security {
namespace {

std::string_view view(const grpc_slice& slice) {
  return {reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(slice)), GRPC_SLICE_LENGTH(slice)};
}

std::string_view rpc_of(const grpc_metadata* metadata, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (view(metadata[i].key) == ":path") return view(metadata[i].value);
  }
  return {};
}

std::vector<std::string_view> certificate_names(const grpc_auth_context* context) {
  std::vector<std::string_view> names;
  for (const char* property : {GRPC_X509_SAN_PROPERTY_NAME, GRPC_X509_CN_PROPERTY_NAME}) {
    grpc_auth_property_iterator next = grpc_auth_context_find_properties_by_name(context, property);
    while (const grpc_auth_property* found = grpc_auth_property_iterator_next(&next)) {
      names.emplace_back(found->value, found->value_length);
    }
  }
  return names;
}

/// Door is what decides about calls.
struct Door {
  const Access* access;
  RefusalHook on_refusal;
};

/// gRPC calls this for every call, with `state` the Door.
void decide(void* state, grpc_auth_context* context, const grpc_metadata* metadata,
            std::size_t count, grpc_process_auth_metadata_done_cb done, void* user_data) {
  const auto* door = static_cast<const Door*>(state);
  const std::string_view rpc = rpc_of(metadata, count);
  const std::vector<std::string_view> names = certificate_names(context);
  const std::string refusal = door->access->refusal(rpc, names);
  if (!refusal.empty()) {
    door->on_refusal(rpc, names.empty() ? std::string_view() : names.front(), refusal);
  }
  done(user_data, nullptr, 0, nullptr, 0,
       refusal.empty() ? GRPC_STATUS_OK : GRPC_STATUS_PERMISSION_DENIED,
       refusal.empty() ? nullptr : refusal.c_str());
}

void close_door(void* state) { delete static_cast<Door*>(state); }

/// gRPC calls this at every handshake, with `user_data` the Certificates.
grpc_ssl_certificate_config_reload_status fetch(void* user_data,
                                                grpc_ssl_server_certificate_config** out_config) {
  auto* certificates = static_cast<Certificates*>(user_data);
  const bool is_new = certificates->visit_if_new([out_config](const Identity& identity) {
    const grpc_ssl_pem_key_cert_pair pair = {identity.key_pem().c_str(),
                                             identity.cert_pem().c_str()};
    *out_config = grpc_ssl_server_certificate_config_create(identity.ca_pem().c_str(), &pair, 1);
  });
  return is_new ? GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW
                : GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
}

/// gRPC's C++ classes cannot change certificates and keep the ones before when new ones are wrong;
/// its C functions can.
class MutualTls final : public grpc::ServerCredentials {
 public:
  MutualTls(Certificates* certificates, const Access* access, RefusalHook on_refusal)
      : certificates_(certificates), door_{access, std::move(on_refusal)} {}

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {
    assert(false && "Access is the one processor");
  }

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    grpc_server_credentials* credentials = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, fetch, certificates_));
    if (credentials == nullptr) return 0;
    grpc_server_credentials_set_auth_metadata_processor(credentials,
                                                        {decide, close_door, new Door(door_)});
    const int port = grpc_server_add_http2_port(server, address.c_str(), credentials);
    grpc_server_credentials_release(credentials);
    return port;
  }

  Certificates* certificates_;
  Door door_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> make_server_credentials(Certificates* certificates,
                                                                 const Access* access,
                                                                 RefusalHook on_refusal) {
  return std::make_shared<MutualTls>(certificates, access, std::move(on_refusal));
}

}  // namespace rekey::security
