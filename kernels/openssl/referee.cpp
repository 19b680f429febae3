// SPDX-License-Identifier: Apache-2.0
#include "openssl/referee.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace rekey::openssl {
namespace {

using enum KeyKind;

constexpr std::array<std::uint8_t, 14> kZeros{};
constexpr ConstOctets kTenZeros = ConstOctets(kZeros).first<10>();
constexpr ConstOctets kFourteenZeros = kZeros;
constexpr KeySet kCmacKeys = {kCmacKeyU, kCmacKeyD};

bool any(KeySet wanted, KeySet of) { return wanted.without(of) != wanted; }

/// AK's T(1) keys what follows; its T(0) only completes an AK that is exported.
Evaluations of_ak(KeySet wanted) { return wanted.contains(kAk) ? kT0 | kT1 : kT1; }

/// CMAC_KEY_U, or its PREKEY, is T(0), and D is T(1).
Evaluations of_cmac_keys(KeySet wanted) {
  return (wanted.contains(kCmacKeyU) ? kT0 : 0) | (wanted.contains(kCmacKeyD) ? kT1 : 0);
}

/// The key MSID* is derived under: MSID | 10 zero octets.
class ZeroExtendedMsid {
 public:
  explicit ZeroExtendedMsid(ConstOctets msid) {
    assert(msid.size() == kMsidOctets);
    const auto end = std::ranges::copy(msid, octets_.begin()).out;
    std::ranges::copy(kTenZeros, end);
  }
  [[nodiscard]] ConstOctets octets() const { return octets_; }

 private:
  std::array<std::uint8_t, kMsidOctets + kTenZeros.size()> octets_;
};

/// TEK(SAID, c) = Dot16KDF(key in force, SAID | COUNTER_TEK=c | "TEK", 128)
void derive_teks(Kdf& kdf, const AmsInput& ams, std::size_t said_octets, Octets teks) {
  std::size_t done = 0;
  for (std::size_t s = 0; s < ams.saids.size(); s += said_octets) {
    const ConstOctets said = ams.saids.subspan(s, said_octets);
    for (std::uint16_t c : ams.tek_counters) {
      const std::array<std::uint8_t, 2> counter_tek = {static_cast<std::uint8_t>(c >> 8),
                                                       static_cast<std::uint8_t>(c)};
      kdf.derive("TEK", {said, counter_tek, ascii("TEK")}, teks.subspan(done, kTekOctets));
      done += kTekOctets;
    }
  }
  assert(done == teks.size());
}

void derive_16m_draft(Kdf& kdf, const ProfileOptions& options, KeySet wanted, const AmsInput& ams,
                      AmsKeys* out_keys) {
  const Octets msid_star = out_keys->msid_star.octets();
  const Octets ak = out_keys->ak.octets();

  // MSID* = Dot16KDF(MSID | 10 zero octets, BSID | NONCE_BS, 48)
  const ZeroExtendedMsid msid_key(ams.msid);
  kdf.set_key("MSID | 10 zero octets", msid_key.octets());
  if (options.nonce_first) {
    kdf.derive("MSID*", {ams.nonce, ams.bsid}, msid_star);
  } else {
    kdf.derive("MSID*", {ams.bsid, ams.nonce}, msid_star);
  }
  if (wanted == KeySet{kMsidStar}) return;

  // AK = Dot16KDF(PMK, MSID* | BSID | CMAC_KEY_COUNT | "AK", 160)
  kdf.set_key("PMK", ams.pmk);
  kdf.derive("AK", {msid_star, ams.bsid, ams.cmac_key_count, ascii("AK")}, ak, of_ak(wanted));

  kdf.set_key("AK", ak);
  if (wanted.contains(kAkid)) {
    // AKID = Dot16KDF(AK, AK_SN | MSID* | BSID | "AK", 64)
    kdf.derive("AKID", {ams.ak_sn, msid_star, ams.bsid, ascii("AK")}, out_keys->akid.octets());
  }
  if (any(wanted, kCmacKeys)) {
    // CMAC_KEY_U | CMAC_KEY_D = Dot16KDF(AK, "CMAC_KEYS", 256)
    kdf.derive("CMAC_KEY_U | CMAC_KEY_D", {ascii("CMAC_KEYS")}, out_keys->cmac_keys.octets(),
               of_cmac_keys(wanted));
  }
  if (wanted.contains(kTek)) derive_teks(kdf, ams, options.said_octets, out_keys->teks);
}

void derive_16m_published(Kdf& kdf, const ProfileOptions& options, KeySet wanted,
                          const AmsInput& ams, AmsKeys* out_keys) {
  const Octets msid_star = out_keys->msid_star.octets();
  const Octets ak = out_keys->ak.octets();

  if (options.msid_privacy_off) {
    // MSID* = MSID
    std::ranges::copy(ams.msid, msid_star.begin());
  } else {
    // MSID* = Dot16KDF(MSID | 10 zero octets, NONCE_AMS, 48)
    const ZeroExtendedMsid msid_key(ams.msid);
    kdf.set_key("MSID | 10 zero octets", msid_key.octets());
    kdf.derive("MSID*", {ams.nonce}, msid_star);
  }
  if (wanted == KeySet{kMsidStar}) return;

  // AK = Dot16KDF(PMK, MSID* | BSID | "AK", 160)
  kdf.set_key("PMK", ams.pmk);
  kdf.derive("AK", {msid_star, ams.bsid, ascii("AK")}, ak, of_ak(wanted));

  kdf.set_key("AK", ak);
  if (wanted.contains(kAkid)) {
    // AKID = Dot16KDF(AK, AK_SN | MSID* | BSID | "AK", 64)
    kdf.derive("AKID", {ams.ak_sn, msid_star, ams.bsid, ascii("AK")}, out_keys->akid.octets());
  }
  if (!any(wanted, {kCmacKeyU, kCmacKeyD, kTek})) return;

  // PREKEY = Dot16KDF(AK, CMAC_KEY_COUNT | "CMAC-TEK prekey", 160)
  Secret<20> prekey;
  kdf.derive("PREKEY", {ams.cmac_key_count, ascii("CMAC-TEK prekey")}, prekey.octets(), kT1);

  kdf.set_key("PREKEY", prekey.octets());
  if (any(wanted, kCmacKeys)) {
    // CMAC_KEY_U | CMAC_KEY_D = Dot16KDF(PREKEY, "CMAC_KEYS", 256)
    kdf.derive("CMAC_KEY_U | CMAC_KEY_D", {ascii("CMAC_KEYS")}, out_keys->cmac_keys.octets(),
               of_cmac_keys(wanted));
  }
  if (wanted.contains(kTek)) derive_teks(kdf, ams, options.said_octets, out_keys->teks);
}

void derive_legacy_16e(Kdf& kdf, KeySet wanted, const AmsInput& ams, AmsKeys* out_keys) {
  const Octets ak = out_keys->ak.octets();

  // AK = Dot16KDF(PMK, MSID | BSID | "AK", 160)
  kdf.set_key("PMK", ams.pmk);
  kdf.derive("AK", {ams.msid, ams.bsid, ascii("AK")}, ak, of_ak(wanted));

  kdf.set_key("AK", ak);
  if (wanted.contains(kAkid)) {
    // AKID = Dot16KDF(AK, AK_SN | MSID | BSID | "AK", 64)
    kdf.derive("AKID", {ams.ak_sn, ams.msid, ams.bsid, ascii("AK")}, out_keys->akid.octets());
  }
  if (!any(wanted, {kCmacKeyU, kCmacKeyD, kKek})) return;

  // PREKEY_U | PREKEY_D | KEK = Dot16KDF(AK, MSID | BSID | "CMAC_KEYS+KEK", 384)
  Secret<48> prekeys_and_kek;
  kdf.derive("PREKEY_U | PREKEY_D | KEK", {ams.msid, ams.bsid, ascii("CMAC_KEYS+KEK")},
             prekeys_and_kek.octets(), of_cmac_keys(wanted) | (wanted.contains(kKek) ? kT2 : 0));
  kdf.settle();
  std::ranges::copy(prekeys_and_kek.octets().last(16), out_keys->kek.octets().begin());

  // CMAC_KEY_U = AES-128-ECB(PREKEY_U, 14 zero octets | CMAC_KEY_COUNT); D likewise
  if (wanted.contains(kCmacKeyU)) {
    kdf.set_key("PREKEY_U", prekeys_and_kek.octets().first(16));
    kdf.encrypt_block("CMAC_KEY_U", {kFourteenZeros, ams.cmac_key_count}, out_keys->cmac_key_u());
  }
  if (wanted.contains(kCmacKeyD)) {
    kdf.set_key("PREKEY_D", prekeys_and_kek.octets().subspan(16, 16));
    kdf.encrypt_block("CMAC_KEY_D", {kFourteenZeros, ams.cmac_key_count}, out_keys->cmac_key_d());
  }
}

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

template <std::size_t Width>
ConstOctets value(const Column<Width>& column, std::size_t item) {
  return {column.at(item), Width};
}

}  // namespace

AmsInput ams_input(const CheckedBatch& batch, std::size_t item, std::size_t first_sa) {
  const std::size_t said_octets = batch.options().said_octets;
  AmsInput ams;
  ams.pmk = value(batch.pmk(), item);
  ams.msid = value(batch.msid(), item);
  ams.bsid = value(batch.bsid(), item);
  if (takes_nonce(batch.profile(), batch.options())) ams.nonce = value(batch.nonce(), item);
  ams.cmac_key_count = value(batch.cmac_key_count(), item);
  ams.ak_sn = value(batch.ak_sn(), item);
  ams.saids = batch.saids().subspan(first_sa * said_octets, batch.sa_count(item) * said_octets);
  ams.tek_counters = batch.tek_counters();
  return ams;
}

void derive_ams(Kdf& kdf, Profile profile, const ProfileOptions& options, KeySet wanted,
                const AmsInput& ams, AmsKeys* out_keys) {
  switch (profile) {
    case Profile::k16mDraft:
      derive_16m_draft(kdf, options, wanted, ams, out_keys);
      break;
    case Profile::k16mPublished:
      derive_16m_published(kdf, options, wanted, ams, out_keys);
      break;
    case Profile::kLegacy16e:
      derive_legacy_16e(kdf, wanted, ams, out_keys);
      break;
  }
  kdf.settle();
}

Status derive_batch(Kdf& kdf, const CheckedBatch& batch, const BatchResult& result) {
  const bool teks_wanted = batch.outputs().contains(KeyKind::kTek);
  const std::size_t tek_octets_per_sa = batch.tek_counters().size() * kTekOctets;
  AmsKeys keys;
  std::size_t first_sa = 0;
  for (std::size_t item = 0; item < batch.count() && kdf.status().ok(); ++item) {
    const std::size_t sa_count = batch.sa_count(item);
    if (teks_wanted) {
      keys.teks = result.teks.subspan(first_sa * tek_octets_per_sa, sa_count * tek_octets_per_sa);
    }
    derive_ams(kdf, batch.profile(), batch.options(), batch.outputs(),
               ams_input(batch, item, first_sa), &keys);
    store(keys, item, result);
    first_sa += sa_count;
  }
  return kdf.status();
}

}  // namespace rekey::openssl
