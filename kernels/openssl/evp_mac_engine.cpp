// SPDX-License-Identifier: Apache-2.0
#include <openssl/crypto.h>

#include <string>

#include "openssl/evp_mac_kdf.h"
#include "openssl/referee.h"
#include "rekey/engines.h"

namespace rekey {
namespace {

using openssl::EvpMacKdf;

class EvpMacEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "openssl"; }
  [[nodiscard]] std::string description() const override {
    return std::string("OpenSSL ") + OpenSSL_version(OPENSSL_VERSION_STRING) + " EVP_MAC";
  }
  [[nodiscard]] std::string unavailable_reason() const override {
    return algorithms_.status().message();
  }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override;
  Status cmac_all(const CmacBatch& batch, Octets macs) override;

 private:
  openssl::Algorithms algorithms_;
};

Status EvpMacEngine::derive_all(const CheckedBatch& batch, const BatchResult& result) {
  EvpMacKdf kdf(algorithms_);
  return openssl::derive_batch(kdf, batch, result);
}

Status EvpMacEngine::cmac_all(const CmacBatch& batch, Octets macs) {
  EvpMacKdf kdf(algorithms_);
  for (std::size_t item = 0; item < batch.count && kdf.status().ok(); ++item) {
    kdf.set_key("KEY", batch.keys.subspan(item * kBlockOctets, kBlockOctets));
    kdf.cmac(batch.messages.subspan(item * batch.message_octets, batch.message_octets),
             macs.subspan(item * kBlockOctets).first<kBlockOctets>());
  }
  return kdf.status();
}

}  // namespace

std::unique_ptr<Engine> make_openssl_engine() { return std::make_unique<EvpMacEngine>(); }

}  // namespace rekey
