// SPDX-License-Identifier: Apache-2.0
//
// The OpenSSL algorithms the referee uses, and owners of OpenSSL objects.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string_view>

#include "rekey/status.h"

namespace rekey::openssl {

/// OpenSslDelete frees an OpenSSL object with OpenSSL's own function.
template <auto kFree>
struct OpenSslDelete {
  template <typename Object>
  void operator()(Object* object) const {
    kFree(object);
  }
};

using EvpMac = std::unique_ptr<EVP_MAC, OpenSslDelete<EVP_MAC_free>>;
using EvpMacCtx = std::unique_ptr<EVP_MAC_CTX, OpenSslDelete<EVP_MAC_CTX_free>>;
using EvpCipher = std::unique_ptr<EVP_CIPHER, OpenSslDelete<EVP_CIPHER_free>>;
using EvpCipherCtx = std::unique_ptr<EVP_CIPHER_CTX, OpenSslDelete<EVP_CIPHER_CTX_free>>;

/// failed_call takes the oldest reason off this thread's OpenSSL error queue, empties the queue,
/// and returns kInternal naming the call and the reason.
Status failed_call(std::string_view call);

/// Algorithms holds what is fetched once and then shared by all threads: CMAC and AES-128-ECB.
class Algorithms {
 public:
  /// Fetches both. Success or failure is in status().
  Algorithms();

  [[nodiscard]] const Status& status() const { return status_; }
  /// Null when status() is not success.
  [[nodiscard]] EVP_MAC* cmac() const { return cmac_.get(); }
  /// Null when status() is not success.
  [[nodiscard]] EVP_CIPHER* aes_128_ecb() const { return aes_128_ecb_.get(); }

 private:
  EvpMac cmac_;
  EvpCipher aes_128_ecb_;
  Status status_;
};

}  // namespace rekey::openssl
