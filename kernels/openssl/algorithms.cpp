// SPDX-License-Identifier: Apache-2.0
#include "openssl/algorithms.h"

#include <openssl/err.h>

#include <string>

namespace rekey::openssl {

Status failed_call(std::string_view call) {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(error);
  return {Code::kInternal, "OpenSSL: " + std::string(call) + ": " +
                               (reason != nullptr ? reason : "no reason given")};
}

Algorithms::Algorithms()
    : cmac_(EVP_MAC_fetch(nullptr, "CMAC", nullptr)),
      aes_128_ecb_(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)) {
  if (cmac_ == nullptr) {
    status_ = failed_call("EVP_MAC_fetch(CMAC)");
  } else if (aes_128_ecb_ == nullptr) {
    status_ = failed_call("EVP_CIPHER_fetch(AES-128-ECB)");
  }
}

}  // namespace rekey::openssl
