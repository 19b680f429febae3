// SPDX-License-Identifier: Apache-2.0
#include "engines/openssl_objects.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

namespace rekey::bench {

OpensslEcb::OpensslEcb() : context_(EVP_CIPHER_CTX_new()) {
  const OpensslOwned<EVP_CIPHER> cipher(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr));
  ready_ = context_ && cipher &&
           EVP_EncryptInit_ex2(context_.get(), cipher.get(), nullptr, nullptr, nullptr) == 1 &&
           EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1;
}

bool OpensslEcb::set_key(ConstOctets key) {
  return EVP_EncryptInit_ex2(context_.get(), nullptr, key.data(), nullptr, nullptr) == 1;
}

bool OpensslEcb::encrypt(Octets blocks) {
  int octets = 0;
  return EVP_EncryptUpdate(context_.get(), blocks.data(), &octets, blocks.data(),
                           static_cast<int>(blocks.size())) == 1;
}

bool OpensslEcb::encrypt_each(ConstOctets keys, Octets blocks) {
  for (std::size_t at = 0; at < keys.size(); at += kBlockOctets) {
    if (!set_key(keys.subspan(at, kBlockOctets)) || !encrypt(blocks.subspan(at, kBlockOctets))) {
      return false;
    }
  }
  return true;
}

OpensslCmac::OpensslCmac() : mac_(EVP_MAC_fetch(nullptr, "CMAC", nullptr)) {}

OpensslOwned<EVP_MAC_CTX> OpensslCmac::new_context() const {
  char cipher[] = "AES-128-CBC";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
      OSSL_PARAM_construct_end(),
  };
  OpensslOwned<EVP_MAC_CTX> context(EVP_MAC_CTX_new(mac_.get()));
  if (context && EVP_MAC_CTX_set_params(context.get(), params) != 1) context.reset();
  return context;
}

Status openssl_status(bool available) {
  if (available) return {};
  return {Code::kUnavailable, "OpenSSL: CMAC or AES-128-ECB cannot be fetched"};
}

std::string openssl_version() { return OpenSSL_version(OPENSSL_VERSION); }

}  // namespace rekey::bench
