// SPDX-License-Identifier: Apache-2.0
//
// What the ways with OpenSSL have in common: owners of its objects, and AES-128-ECB.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "rekey/octets.h"
#include "rekey/status.h"

namespace rekey::bench {

struct OpensslFree {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
template <typename Object>
using OpensslOwned = std::unique_ptr<Object, OpensslFree>;

/// OpensslEcb encrypts blocks with AES-128 under one key after the other.
class OpensslEcb {
 public:
  OpensslEcb();

  [[nodiscard]] bool available() const { return ready_; }
  bool set_key(ConstOctets key);
  /// Replaces whole blocks by their encryption.
  bool encrypt(Octets blocks);
  /// Is MacWay::encrypt.
  bool encrypt_each(ConstOctets keys, Octets blocks);

 private:
  OpensslOwned<EVP_CIPHER_CTX> context_;
  bool ready_ = false;
};

/// OpensslCmac is OpenSSL's CMAC over AES-128.
class OpensslCmac {
 public:
  OpensslCmac();

  [[nodiscard]] bool available() const { return mac_ != nullptr; }
  /// A new context, set to AES-128 but without a key; null on failure.
  [[nodiscard]] OpensslOwned<EVP_MAC_CTX> new_context() const;

 private:
  OpensslOwned<EVP_MAC> mac_;
};

/// openssl_status is success, or kUnavailable when OpenSSL lacks an algorithm.
Status openssl_status(bool available);

/// openssl_version is what the linked library says about itself.
std::string openssl_version();

}  // namespace rekey::bench
