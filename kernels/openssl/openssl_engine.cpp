// SPDX-License-Identifier: Apache-2.0
#include <openssl/crypto.h>

#include <algorithm>
#include <string>

#include "openssl/referee.h"
#include "rekey/engines.h"

namespace rekey {
namespace {

using openssl::AmsKeys;
using openssl::Dot16Kdf;

class OpensslEngine final : public Engine {
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

/// Copies the keys that were asked for; TEKs are derived where they belong.
void store(const AmsKeys& keys, std::size_t item, const BatchResult& result) {
  const auto copy = [item](ConstOctets key, Octets column) {
    if (!column.empty()) std::ranges::copy(key, column.begin() + item * key.size());
  };
  copy(keys.msid_star.octets(), result.msid_star);
  copy(keys.ak.octets(), result.ak);
  copy(keys.akid.octets(), result.akid);
  copy(keys.cmac_key_u(), result.cmac_key_u);
  copy(keys.cmac_key_d(), result.cmac_key_d);
  copy(keys.kek.octets(), result.kek);
}

Status OpensslEngine::derive_all(const CheckedBatch& batch, const BatchResult& result) {
  const bool teks_wanted = batch.outputs().contains(KeyKind::kTek);
  const std::size_t tek_octets_per_sa = batch.tek_counters().size() * kTekOctets;
  Dot16Kdf kdf(algorithms_);
  AmsKeys keys;
  std::size_t first_sa = 0;
  for (std::size_t item = 0; item < batch.count() && kdf.status().ok(); ++item) {
    const std::size_t sa_count = batch.sa_count(item);
    if (teks_wanted) {
      keys.teks = result.teks.subspan(first_sa * tek_octets_per_sa, sa_count * tek_octets_per_sa);
    }
    derive_ams(kdf, batch.profile(), batch.options(), batch.outputs(),
               openssl::ams_input(batch, item, first_sa), &keys);
    store(keys, item, result);
    first_sa += sa_count;
  }
  return kdf.status();
}

Status OpensslEngine::cmac_all(const CmacBatch& batch, Octets macs) {
  Dot16Kdf kdf(algorithms_);
  for (std::size_t item = 0; item < batch.count && kdf.status().ok(); ++item) {
    kdf.set_key("KEY", batch.keys.subspan(item * kBlockOctets, kBlockOctets));
    kdf.cmac(batch.messages.subspan(item * batch.message_octets, batch.message_octets),
             macs.subspan(item * kBlockOctets).first<kBlockOctets>());
  }
  return kdf.status();
}

}  // namespace

std::unique_ptr<Engine> make_openssl_engine() { return std::make_unique<OpensslEngine>(); }

}  // namespace rekey
