// SPDX-License-Identifier: Apache-2.0
#include "engines/openssl_loop.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace rekey::bench {
namespace {

struct Free {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

using Block = std::array<std::uint8_t, kBlockOctets>;

/// Message joins octet strings.
class Message {
 public:
  Message& add(ConstOctets octets) {
    std::ranges::copy(octets, octets_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += octets.size();
    return *this;
  }
  Message& add(std::string_view text) {
    return add(ConstOctets(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  }
  Message& add_be(std::uint32_t number, unsigned octets) {
    while (octets-- > 0) octets_[size_++] = static_cast<std::uint8_t>(number >> (8 * octets));
    return *this;
  }
  [[nodiscard]] ConstOctets octets() const { return {octets_.data(), size_}; }

 private:
  std::array<std::uint8_t, 64> octets_{};
  std::size_t size_ = 0;
};

class OpensslLoop final : public Contender {
 public:
  [[nodiscard]] std::string name() const override { return "openssl-loop"; }
  [[nodiscard]] std::string description() const override {
    return std::string("a new EVP_MAC_CTX for every MAC, ") + OpenSSL_version(OPENSSL_VERSION);
  }
  Status admit() override {
    if (mac_ && cipher_) return {};
    return {Code::kUnavailable, "OpenSSL: CMAC or AES-128-ECB cannot be fetched"};
  }
  Status derive(const CheckedBatch& batch, const BatchResult& result) override;

 private:
  bool mac(ConstOctets kin, ConstOctets message, std::uint8_t* out_mac) const;
  bool kdf(ConstOctets key, const Message& astring, Octets out_key) const;
  bool ecb(ConstOctets key, ConstOctets block, Octets out_block) const;

  bool derive_16m_draft(const CheckedBatch& batch, std::size_t item, std::size_t first_sa,
                        const BatchResult& result) const;
  bool derive_16m_published(const CheckedBatch& batch, std::size_t item, std::size_t first_sa,
                            const BatchResult& result) const;
  bool derive_legacy_16e(const CheckedBatch& batch, std::size_t item,
                         const BatchResult& result) const;
  bool derive_teks(const CheckedBatch& batch, std::size_t item, std::size_t first_sa,
                   ConstOctets key, Octets teks) const;

  Owned<EVP_MAC> mac_{EVP_MAC_fetch(nullptr, "CMAC", nullptr)};
  Owned<EVP_CIPHER> cipher_{EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)};
};

bool OpensslLoop::mac(ConstOctets kin, ConstOctets message, std::uint8_t* out_mac) const {
  char cipher[] = "AES-128-CBC";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
      OSSL_PARAM_construct_end(),
  };
  const Owned<EVP_MAC_CTX> context(EVP_MAC_CTX_new(mac_.get()));
  std::size_t octets = 0;
  return context && EVP_MAC_init(context.get(), kin.data(), kin.size(), params) == 1 &&
         EVP_MAC_update(context.get(), message.data(), message.size()) == 1 &&
         EVP_MAC_final(context.get(), out_mac, &octets, kBlockOctets) == 1;
}

bool OpensslLoop::kdf(ConstOctets key, const Message& astring, Octets out_key) const {
  std::array<std::uint8_t, 3 * kBlockOctets> whole;
  const auto bits = static_cast<std::uint32_t>(out_key.size() * 8);
  const std::uint32_t blocks = (bits + 127) / 128;
  for (std::uint32_t i = 0; i < blocks; ++i) {
    Message message;
    message.add_be(i, 4).add(astring.octets()).add_be(bits, 4);
    if (!mac(key.last(kBlockOctets), message.octets(), whole.data() + i * kBlockOctets)) {
      return false;
    }
  }
  std::ranges::copy(ConstOctets(whole).first(blocks * kBlockOctets).last(out_key.size()),
                    out_key.begin());
  return true;
}

bool OpensslLoop::ecb(ConstOctets key, ConstOctets block, Octets out_block) const {
  const Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  int octets = 0;
  return context &&
         EVP_EncryptInit_ex2(context.get(), cipher_.get(), key.data(), nullptr, nullptr) == 1 &&
         EVP_EncryptUpdate(context.get(), out_block.data(), &octets, block.data(),
                           static_cast<int>(block.size())) == 1;
}

template <std::size_t Width>
ConstOctets value(const Column<Width>& column, std::size_t item) {
  return {column.at(item), Width};
}

/// Puts a key into its column, if the column is asked for.
void put(Octets column, std::size_t item, ConstOctets key) {
  if (column.empty()) return;
  std::ranges::copy(key, column.subspan(item * key.size(), key.size()).begin());
}

/// MSID | 10 zero octets.
Block msid_key(const CheckedBatch& batch, std::size_t item) {
  Block key{};
  std::ranges::copy(value(batch.msid(), item), key.begin());
  return key;
}

bool OpensslLoop::derive_teks(const CheckedBatch& batch, std::size_t item, std::size_t first_sa,
                              ConstOctets key, Octets teks) const {
  if (teks.empty()) return true;
  const auto counters = batch.tek_counters();
  const std::size_t said_octets = batch.options().said_octets;
  for (std::size_t sa = first_sa; sa < first_sa + batch.sa_count(item); ++sa) {
    for (std::size_t c = 0; c < counters.size(); ++c) {
      Message message;
      message.add(batch.saids().subspan(sa * said_octets, said_octets));
      message.add_be(counters[c], 2).add("TEK");
      if (!kdf(key, message, teks.subspan((sa * counters.size() + c) * kTekOctets, kTekOctets))) {
        return false;
      }
    }
  }
  return true;
}

bool OpensslLoop::derive_16m_draft(const CheckedBatch& batch, std::size_t item,
                                   std::size_t first_sa, const BatchResult& result) const {
  const ConstOctets bsid = value(batch.bsid(), item);
  const ConstOctets nonce = value(batch.nonce(), item);
  const bool nonce_first = batch.options().nonce_first;
  std::array<std::uint8_t, kMsidStarOctets> msid_star;
  std::array<std::uint8_t, kAkOctets> ak;
  std::array<std::uint8_t, kAkidOctets> akid;
  std::array<std::uint8_t, 2 * kCmacKeyOctets> cmac_keys;
  const bool ok =
      kdf(msid_key(batch, item),
          Message().add(nonce_first ? nonce : bsid).add(nonce_first ? bsid : nonce), msid_star) &&
      kdf(value(batch.pmk(), item),
          Message().add(msid_star).add(bsid).add(value(batch.cmac_key_count(), item)).add("AK"),
          ak) &&
      kdf(ak, Message().add(value(batch.ak_sn(), item)).add(msid_star).add(bsid).add("AK"), akid) &&
      kdf(ak, Message().add("CMAC_KEYS"), cmac_keys) &&
      derive_teks(batch, item, first_sa, ak, result.teks);
  put(result.msid_star, item, msid_star);
  put(result.ak, item, ak);
  put(result.akid, item, akid);
  put(result.cmac_key_u, item, ConstOctets(cmac_keys).first(kCmacKeyOctets));
  put(result.cmac_key_d, item, ConstOctets(cmac_keys).last(kCmacKeyOctets));
  return ok;
}

bool OpensslLoop::derive_16m_published(const CheckedBatch& batch, std::size_t item,
                                       std::size_t first_sa, const BatchResult& result) const {
  const ConstOctets bsid = value(batch.bsid(), item);
  std::array<std::uint8_t, kMsidStarOctets> msid_star;
  std::array<std::uint8_t, kAkOctets> ak;
  std::array<std::uint8_t, kAkidOctets> akid;
  std::array<std::uint8_t, 20> prekey;
  std::array<std::uint8_t, 2 * kCmacKeyOctets> cmac_keys;
  bool ok = true;
  if (batch.options().msid_privacy_off) {
    std::ranges::copy(value(batch.msid(), item), msid_star.begin());
  } else {
    ok = kdf(msid_key(batch, item), Message().add(value(batch.nonce(), item)), msid_star);
  }
  ok =
      ok && kdf(value(batch.pmk(), item), Message().add(msid_star).add(bsid).add("AK"), ak) &&
      kdf(ak, Message().add(value(batch.ak_sn(), item)).add(msid_star).add(bsid).add("AK"), akid) &&
      kdf(ak, Message().add(value(batch.cmac_key_count(), item)).add("CMAC-TEK prekey"), prekey) &&
      kdf(prekey, Message().add("CMAC_KEYS"), cmac_keys) &&
      derive_teks(batch, item, first_sa, prekey, result.teks);
  put(result.msid_star, item, msid_star);
  put(result.ak, item, ak);
  put(result.akid, item, akid);
  put(result.cmac_key_u, item, ConstOctets(cmac_keys).first(kCmacKeyOctets));
  put(result.cmac_key_d, item, ConstOctets(cmac_keys).last(kCmacKeyOctets));
  return ok;
}

bool OpensslLoop::derive_legacy_16e(const CheckedBatch& batch, std::size_t item,
                                    const BatchResult& result) const {
  const ConstOctets msid = value(batch.msid(), item);
  const ConstOctets bsid = value(batch.bsid(), item);
  std::array<std::uint8_t, kAkOctets> ak;
  std::array<std::uint8_t, kAkidOctets> akid;
  std::array<std::uint8_t, 3 * kBlockOctets> prekeys_and_kek;
  Block count{};
  std::ranges::copy(value(batch.cmac_key_count(), item), count.end() - kCmacKeyCountOctets);
  Block cmac_key_u;
  Block cmac_key_d;
  const ConstOctets prekeys(prekeys_and_kek);
  const bool ok =
      kdf(value(batch.pmk(), item), Message().add(msid).add(bsid).add("AK"), ak) &&
      kdf(ak, Message().add(value(batch.ak_sn(), item)).add(msid).add(bsid).add("AK"), akid) &&
      kdf(ak, Message().add(msid).add(bsid).add("CMAC_KEYS+KEK"), prekeys_and_kek) &&
      ecb(prekeys.subspan(0, kBlockOctets), count, cmac_key_u) &&
      ecb(prekeys.subspan(kBlockOctets, kBlockOctets), count, cmac_key_d);
  put(result.ak, item, ak);
  put(result.akid, item, akid);
  put(result.cmac_key_u, item, cmac_key_u);
  put(result.cmac_key_d, item, cmac_key_d);
  put(result.kek, item, prekeys.last(kKekOctets));
  return ok;
}

Status OpensslLoop::derive(const CheckedBatch& batch, const BatchResult& result) {
  std::size_t first_sa = 0;
  for (std::size_t item = 0; item < batch.count(); ++item) {
    bool ok = false;
    switch (batch.profile()) {
      case Profile::k16mDraft:
        ok = derive_16m_draft(batch, item, first_sa, result);
        break;
      case Profile::k16mPublished:
        ok = derive_16m_published(batch, item, first_sa, result);
        break;
      case Profile::kLegacy16e:
        ok = derive_legacy_16e(batch, item, result);
        break;
    }
    if (!ok) return {Code::kInternal, "openssl-loop: OpenSSL reported a failure"};
    first_sa += batch.sa_count(item);
  }
  return {};
}

}  // namespace

std::unique_ptr<Contender> make_openssl_loop() { return std::make_unique<OpensslLoop>(); }

}  // namespace rekey::bench
