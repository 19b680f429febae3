// SPDX-License-Identifier: Apache-2.0
//
// Mutual TLS for gRPC's server: certificates that change while it runs, and a decision about every
// call before any of it is read.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "security/access.h"
#include "security/certificates.h"

namespace rekey::security {

/// make_server_credentials returns credentials under which a client must show a certificate that
/// the authorities vouch for. A call that `access` refuses ends with PERMISSION_DENIED. Both must
/// outlive the server.
std::shared_ptr<grpc::ServerCredentials> make_server_credentials(Certificates* certificates,
                                                                 const Access* access);

}  // namespace rekey::security
