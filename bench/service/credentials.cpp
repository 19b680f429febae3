// SPDX-License-Identifier: Apache-2.0
#include "service/credentials.h"

#include <fstream>
#include <iterator>
#include <string>

namespace rekey::bench {
namespace {

Status read(const std::string& path, std::string* out_text) {
  std::ifstream file(path);
  out_text->assign(std::istreambuf_iterator<char>(file), {});
  if (!file || out_text->empty()) {
    return Status::invalid_argument("expected a file in PEM, found none at '" + path + "'");
  }
  return {};
}

struct Pem {
  std::string cert, key, ca;
};

Status read(const TlsFiles& files, Pem* out_pem) {
  if (Status s = read(files.cert, &out_pem->cert); !s.ok()) return s;
  if (Status s = read(files.key, &out_pem->key); !s.ok()) return s;
  return read(files.ca, &out_pem->ca);
}

}  // namespace

Status server_credentials(const TlsFiles& files,
                          std::shared_ptr<grpc::ServerCredentials>* out_credentials) {
  if (files.none()) {
    *out_credentials = grpc::InsecureServerCredentials();
    return {};
  }
  Pem pem;
  if (Status s = read(files, &pem); !s.ok()) return s;
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = pem.ca;
  options.pem_key_cert_pairs = {{pem.key, pem.cert}};
  *out_credentials = grpc::SslServerCredentials(options);
  return {};
}

Status channel_credentials(const TlsFiles& files,
                           std::shared_ptr<grpc::ChannelCredentials>* out_credentials) {
  if (files.none()) {
    *out_credentials = grpc::InsecureChannelCredentials();
    return {};
  }
  Pem pem;
  if (Status s = read(files, &pem); !s.ok()) return s;
  *out_credentials = grpc::SslCredentials({pem.ca, pem.key, pem.cert});
  return {};
}

}  // namespace rekey::bench
