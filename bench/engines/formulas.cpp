// SPDX-License-Identifier: Apache-2.0
#include "engines/formulas.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "engines/message.h"

namespace rekey::bench {
namespace {

/// Wave is the part of a batch that is derived at once.
struct Wave {
  const CheckedBatch& batch;
  const BatchResult& result;
  std::size_t first = 0;
  std::size_t count = 0;
  std::size_t first_sa = 0;
};

template <std::size_t Width>
std::span<const std::uint8_t, Width> value(const Column<Width>& column, std::size_t item) {
  return std::span<const std::uint8_t, Width>(column.at(item), Width);
}

/// One block for each AMS of a wave.
class Blocks {
 public:
  void resize(std::size_t count) { octets_.resize(count * kBlockOctets); }
  [[nodiscard]] std::uint8_t* at(std::size_t k) { return octets_.data() + k * kBlockOctets; }
  [[nodiscard]] Octets first(std::size_t count) {
    return Octets(octets_).first(count * kBlockOctets);
  }

 private:
  std::vector<std::uint8_t> octets_;
};

class Formulas final : public Contender {
 public:
  explicit Formulas(std::unique_ptr<MacWay> way) : way_(std::move(way)) {}

  [[nodiscard]] std::string name() const override { return way_->name(); }
  [[nodiscard]] std::string description() const override { return way_->description(); }
  Status admit() override { return way_->available(); }
  Status derive(const CheckedBatch& batch, const BatchResult& result) override;

 private:
  bool derive_wave(const Wave& wave);
  bool derive_16m_draft(const Wave& wave);
  bool derive_16m_published(const Wave& wave);
  bool derive_legacy_16e(const Wave& wave);

  template <typename AddAstring>
  bool derive_msid_star(const Wave& wave, AddAstring add_astring);
  template <typename AddAstring>
  bool derive_ak(const Wave& wave, AddAstring add_astring);
  void add_akid(const Wave& wave, std::size_t k);
  void add_cmac_keys(const Wave& wave, std::size_t k);
  void add_teks(const Wave& wave, std::size_t k, std::size_t* sa);
  void put_akids(const Wave& wave);
  bool put_encrypted_counts(const Wave& wave, Blocks& keys, Octets column);

  /// Begins the message of T(i) under the key of AMS k.
  static Message add(MacList& list, std::size_t k, std::uint32_t i, std::uint8_t* mac) {
    MacJob& job = list.emplace_back();
    job.key = static_cast<std::uint32_t>(k);
    job.mac = mac;
    return {&job, i};
  }
  bool compute_macs(const Wave& wave) {
    const bool ok = way_->mac(kin_.first(wave.count), lists_);
    for (MacList& list : lists_) list.clear();
    return ok;
  }

  /// The MSID* in use; MSID in legacy-16e and with msid_privacy_off.
  [[nodiscard]] std::span<const std::uint8_t, kMsidStarOctets> msid_star(std::size_t k) {
    return std::span<const std::uint8_t, kMsidStarOctets>(
        msid_star_.at(k) + kBlockOctets - kMsidStarOctets, kMsidStarOctets);
  }
  void take_msid_for_msid_star(const Wave& wave) {
    for (std::size_t k = 0; k < wave.count; ++k) {
      std::memcpy(msid_star_.at(k) + kBlockOctets - kMsidStarOctets,
                  wave.batch.msid().at(wave.first + k), kMsidStarOctets);
    }
  }
  void put_msid_stars(const Wave& wave) {
    if (wave.result.msid_star.empty()) return;
    for (std::size_t k = 0; k < wave.count; ++k) {
      std::memcpy(&wave.result.msid_star[(wave.first + k) * kMsidStarOctets], msid_star(k).data(),
                  kMsidStarOctets);
    }
  }
  /// Where a key of one block goes: its column, or aside when it is not asked for.
  std::uint8_t* place(Octets column, const Wave& wave, std::size_t k) {
    return column.empty() ? aside_.data() : &column[(wave.first + k) * kBlockOctets];
  }

  std::unique_ptr<MacWay> way_;
  std::array<MacList, 2> lists_;
  Blocks kin_;               ///< the keys in force
  Blocks msid_star_, akid_;  ///< right-aligned
  Blocks t0_, t1_;
  std::array<std::uint8_t, kBlockOctets> aside_{};
};

template <typename AddAstring>
bool Formulas::derive_msid_star(const Wave& wave, AddAstring add_astring) {
  for (std::size_t k = 0; k < wave.count; ++k) {
    std::memset(kin_.at(k), 0, kBlockOctets);
    std::memcpy(kin_.at(k), wave.batch.msid().at(wave.first + k), kMsidOctets);
    Message message = add(lists_[0], k, 0, msid_star_.at(k));
    add_astring(message, wave.first + k);
    message.finish(8 * kMsidStarOctets);
  }
  return compute_macs(wave);
}

/// Leaves Kin of AK in force.
template <typename AddAstring>
bool Formulas::derive_ak(const Wave& wave, AddAstring add_astring) {
  for (std::size_t k = 0; k < wave.count; ++k) {
    std::memcpy(kin_.at(k), wave.batch.pmk().at(wave.first + k) + kPmkOctets - kBlockOctets,
                kBlockOctets);
    for (std::uint32_t i : {0U, 1U}) {
      Message message = add(lists_[0], k, i, i == 0 ? t0_.at(k) : t1_.at(k));
      add_astring(message, k);
      message.finish(8 * kAkOctets);
    }
  }
  if (!compute_macs(wave)) return false;
  if (!wave.result.ak.empty()) {
    for (std::size_t k = 0; k < wave.count; ++k) {
      constexpr std::size_t kOfT0 = kAkOctets - kBlockOctets;
      std::uint8_t* ak = &wave.result.ak[(wave.first + k) * kAkOctets];
      std::memcpy(ak, t0_.at(k) + kBlockOctets - kOfT0, kOfT0);
      std::memcpy(ak + kOfT0, t1_.at(k), kBlockOctets);
    }
  }
  std::swap(kin_, t1_);
  return true;
}

void Formulas::add_akid(const Wave& wave, std::size_t k) {
  add(lists_[0], k, 0, akid_.at(k))
      .add(value(wave.batch.ak_sn(), wave.first + k))
      .add(msid_star(k))
      .add(value(wave.batch.bsid(), wave.first + k))
      .add("AK")
      .finish(8 * kAkidOctets);
}

void Formulas::put_akids(const Wave& wave) {
  if (wave.result.akid.empty()) return;
  for (std::size_t k = 0; k < wave.count; ++k) {
    std::memcpy(&wave.result.akid[(wave.first + k) * kAkidOctets],
                akid_.at(k) + kBlockOctets - kAkidOctets, kAkidOctets);
  }
}

void Formulas::add_cmac_keys(const Wave& wave, std::size_t k) {
  constexpr std::uint32_t kBits = kCmacKeyOctets * 2 * 8;
  add(lists_[0], k, 0, place(wave.result.cmac_key_u, wave, k)).add("CMAC_KEYS").finish(kBits);
  add(lists_[0], k, 1, place(wave.result.cmac_key_d, wave, k)).add("CMAC_KEYS").finish(kBits);
}

void Formulas::add_teks(const Wave& wave, std::size_t k, std::size_t* sa) {
  if (wave.result.teks.empty()) return;
  const auto counters = wave.batch.tek_counters();
  const std::size_t said_octets = wave.batch.options().said_octets;
  const std::size_t end = *sa + wave.batch.sa_count(wave.first + k);
  for (; *sa < end; ++*sa) {
    for (std::size_t c = 0; c < counters.size(); ++c) {
      std::uint8_t* tek = &wave.result.teks[(*sa * counters.size() + c) * kTekOctets];
      Message message = add(lists_[1], k, 0, tek);
      for (std::size_t octet = 0; octet < said_octets; ++octet) {
        message.add_octet(wave.batch.saids()[*sa * said_octets + octet]);
      }
      message.add_be16(counters[c]).add("TEK").finish(8 * kTekOctets);
    }
  }
}

bool Formulas::derive_16m_draft(const Wave& wave) {
  const bool nonce_first = wave.batch.options().nonce_first;
  const auto msid_star_astring = [&](Message& message, std::size_t item) {
    const auto bsid = value(wave.batch.bsid(), item);
    const auto nonce = value(wave.batch.nonce(), item);
    nonce_first ? message.add(nonce).add(bsid) : message.add(bsid).add(nonce);
  };
  if (!derive_msid_star(wave, msid_star_astring)) return false;
  put_msid_stars(wave);
  const auto ak_astring = [&](Message& message, std::size_t k) {
    message.add(msid_star(k))
        .add(value(wave.batch.bsid(), wave.first + k))
        .add(value(wave.batch.cmac_key_count(), wave.first + k))
        .add("AK");
  };
  if (!derive_ak(wave, ak_astring)) return false;
  std::size_t sa = wave.first_sa;
  for (std::size_t k = 0; k < wave.count; ++k) {
    add_akid(wave, k);
    add_cmac_keys(wave, k);
    add_teks(wave, k, &sa);
  }
  if (!compute_macs(wave)) return false;
  put_akids(wave);
  return true;
}

bool Formulas::derive_16m_published(const Wave& wave) {
  if (wave.batch.options().msid_privacy_off) {
    take_msid_for_msid_star(wave);
  } else {
    const auto msid_star_astring = [&](Message& message, std::size_t item) {
      message.add(value(wave.batch.nonce(), item));
    };
    if (!derive_msid_star(wave, msid_star_astring)) return false;
  }
  put_msid_stars(wave);
  const auto ak_astring = [&](Message& message, std::size_t k) {
    message.add(msid_star(k)).add(value(wave.batch.bsid(), wave.first + k)).add("AK");
  };
  if (!derive_ak(wave, ak_astring)) return false;
  for (std::size_t k = 0; k < wave.count; ++k) {
    add_akid(wave, k);
    // PREKEY only keys what follows: its T(0) is not needed.
    add(lists_[0], k, 1, t1_.at(k))
        .add(value(wave.batch.cmac_key_count(), wave.first + k))
        .add("CMAC-TEK prekey")
        .finish(160);
  }
  if (!compute_macs(wave)) return false;
  put_akids(wave);
  std::swap(kin_, t1_);
  std::size_t sa = wave.first_sa;
  for (std::size_t k = 0; k < wave.count; ++k) {
    add_cmac_keys(wave, k);
    add_teks(wave, k, &sa);
  }
  return compute_macs(wave);
}

bool Formulas::derive_legacy_16e(const Wave& wave) {
  take_msid_for_msid_star(wave);
  const auto ak_astring = [&](Message& message, std::size_t k) {
    message.add(msid_star(k)).add(value(wave.batch.bsid(), wave.first + k)).add("AK");
  };
  if (!derive_ak(wave, ak_astring)) return false;
  for (std::size_t k = 0; k < wave.count; ++k) {
    add_akid(wave, k);
    // PREKEY_U | PREKEY_D | KEK
    std::uint8_t* const results[] = {t0_.at(k), t1_.at(k), place(wave.result.kek, wave, k)};
    for (std::uint32_t i : {0U, 1U, 2U}) {
      add(lists_[1], k, i, results[i])
          .add(msid_star(k))
          .add(value(wave.batch.bsid(), wave.first + k))
          .add("CMAC_KEYS+KEK")
          .finish(384);
    }
  }
  if (!compute_macs(wave)) return false;
  put_akids(wave);
  return put_encrypted_counts(wave, t0_, wave.result.cmac_key_u) &&
         put_encrypted_counts(wave, t1_, wave.result.cmac_key_d);
}

/// AES-128-ECB(key, 14 zero octets | CMAC_KEY_COUNT) for every AMS.
bool Formulas::put_encrypted_counts(const Wave& wave, Blocks& keys, Octets column) {
  if (column.empty()) return true;
  const Octets counts = column.subspan(wave.first * kBlockOctets, wave.count * kBlockOctets);
  std::ranges::fill(counts, 0);
  for (std::size_t k = 0; k < wave.count; ++k) {
    std::memcpy(&counts[(k + 1) * kBlockOctets - kCmacKeyCountOctets],
                wave.batch.cmac_key_count().at(wave.first + k), kCmacKeyCountOctets);
  }
  return way_->encrypt(keys.first(wave.count), counts);
}

bool Formulas::derive_wave(const Wave& wave) {
  switch (wave.batch.profile()) {
    case Profile::k16mDraft:
      return derive_16m_draft(wave);
    case Profile::k16mPublished:
      return derive_16m_published(wave);
    case Profile::kLegacy16e:
      return derive_legacy_16e(wave);
  }
  return false;
}

Status Formulas::derive(const CheckedBatch& batch, const BatchResult& result) {
  const std::size_t abreast = way_->abreast();
  for (Blocks* blocks : {&kin_, &msid_star_, &akid_, &t0_, &t1_}) blocks->resize(abreast);
  Wave wave{batch, result};
  while (wave.first < batch.count()) {
    wave.count = std::min(abreast, batch.count() - wave.first);
    if (!derive_wave(wave)) return {Code::kInternal, name() + ": the library reported a failure"};
    for (std::size_t k = 0; k < wave.count; ++k) wave.first_sa += batch.sa_count(wave.first + k);
    wave.first += wave.count;
  }
  return {};
}

}  // namespace

std::unique_ptr<Contender> make_formulas(std::unique_ptr<MacWay> way) {
  return std::make_unique<Formulas>(std::move(way));
}

}  // namespace rekey::bench
