// SPDX-License-Identifier: Apache-2.0
#include "security/tls13.h"

#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/ssl.h>

#include <memory>

namespace rekey::security {
namespace {

// gRPC sets the lowest version itself, to 1.2; versions switched off stay off all the same.
constexpr char kDefaults[] =
    "openssl_conf = modules\n"
    "[modules]\n"
    "ssl_conf = tls\n"
    "[tls]\n"
    "system_default = only_1_3\n"
    "[only_1_3]\n"
    "Protocol = -SSLv3,-TLSv1,-TLSv1.1,-TLSv1.2\n"
    "MinProtocol = TLSv1.3\n";

bool older_versions_are_off() {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()),
                                                                  &SSL_CTX_free);
  return context != nullptr && (SSL_CTX_get_options(context.get()) & SSL_OP_NO_TLSv1_2) != 0;
}

}  // namespace

Status require_tls13() {
  // The system's own configuration comes first, so that it does not undo ours later.
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, nullptr);
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new_mem_buf(kDefaults, -1), &BIO_free);
  const std::unique_ptr<CONF, decltype(&NCONF_free)> defaults(NCONF_new(nullptr), &NCONF_free);
  if (NCONF_load_bio(defaults.get(), text.get(), nullptr) != 1 ||
      CONF_modules_load(defaults.get(), nullptr, 0) != 1 || !older_versions_are_off()) {
    return {Code::kInternal, "OpenSSL cannot be held to TLS 1.3"};
  }
  return {};
}

}  // namespace rekey::security
