// SPDX-License-Identifier: Apache-2.0
//
// gRPC credentials of both sides of a run: plaintext, or mutual TLS.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "rekey/status.h"
#include "service/tls_files.h"

namespace rekey::bench {

/// server_credentials asks every client for a certificate, where there are files. kInvalidArgument
/// names a file that cannot be read.
Status server_credentials(const TlsFiles& files,
                          std::shared_ptr<grpc::ServerCredentials>* out_credentials);

/// channel_credentials shows the files' certificate, where there are files. Errors as above.
Status channel_credentials(const TlsFiles& files,
                           std::shared_ptr<grpc::ChannelCredentials>* out_credentials);

}  // namespace rekey::bench
