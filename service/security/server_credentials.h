// SPDX-License-Identifier: Apache-2.0
//
// Mutual TLS for gRPC's server: certificates that change while it runs, and a decision about every
// call before any of it is read.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "security/access.h"
#include "security/certificates.h"

namespace rekey::security {

/// RefusalHook is told, on any thread, which rpc was refused, to whom, and why.
using RefusalHook =
    std::function<void(std::string_view rpc, std::string_view caller, const std::string& refusal)>;

/// make_server_credentials returns credentials under which a client must show a certificate that
/// the authorities vouch for. A call that `access` refuses ends with PERMISSION_DENIED, once
/// `on_refusal` has been told. All must outlive the server.
std::shared_ptr<grpc::ServerCredentials> make_server_credentials(Certificates* certificates,
                                                                 const Access* access,
                                                                 RefusalHook on_refusal);

}  // namespace rekey::security
