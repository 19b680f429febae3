// SPDX-License-Identifier: Apache-2.0
#include <openssl/crypto.h>

#include <string>

#include "openssl/ecb_kdf.h"
#include "openssl/referee.h"
#include "rekey/engines.h"

namespace rekey {
namespace {

using openssl::EcbCmac;
using openssl::EcbKdf;

class EcbEngine final : public Engine {
 public:
  EcbEngine() : aes_128_ecb_(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)) {
    if (aes_128_ecb_ == nullptr) {
      unavailable_reason_ = openssl::failed_call("EVP_CIPHER_fetch(AES-128-ECB)").message();
    }
  }

  [[nodiscard]] std::string_view name() const override { return "openssl"; }
  [[nodiscard]] std::string description() const override {
    return std::string("OpenSSL ") + OpenSSL_version(OPENSSL_VERSION_STRING) + " AES-128-ECB";
  }
  [[nodiscard]] std::string unavailable_reason() const override { return unavailable_reason_; }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override;
  Status cmac_all(const CmacBatch& batch, Octets macs) override;

 private:
  openssl::EvpCipher aes_128_ecb_;
  std::string unavailable_reason_;
};

Status EcbEngine::derive_all(const CheckedBatch& batch, const BatchResult& result) {
  EcbKdf kdf(aes_128_ecb_.get());
  return openssl::derive_batch(kdf, batch, result);
}

Status EcbEngine::cmac_all(const CmacBatch& batch, Octets macs) {
  EcbCmac cmac(aes_128_ecb_.get());
  for (std::size_t item = 0; item < batch.count && cmac.status().ok(); ++item) {
    cmac.set_key(batch.keys.subspan(item * kBlockOctets).first<kBlockOctets>());
    const EcbCmac::Message message = {
        batch.messages.subspan(item * batch.message_octets, batch.message_octets),
        macs.subspan(item * kBlockOctets, kBlockOctets)};
    cmac.run({&message, 1});
  }
  return cmac.status();
}

}  // namespace

std::unique_ptr<Engine> make_openssl_ecb_engine() { return std::make_unique<EcbEngine>(); }

}  // namespace rekey
