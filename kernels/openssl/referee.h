// SPDX-License-Identifier: Apache-2.0
//
// The key hierarchies of one AMS, formula by formula as section 2 of the key-derivation
// specification writes them. Shares nothing with the descriptions in kernels/profile that the
// other engines compile, so that a mistake there cannot hide here.
#pragma once

#include <cstdint>
#include <span>

#include "openssl/kdf.h"
#include "rekey/batch.h"
#include "rekey/key_kind.h"
#include "rekey/octets.h"
#include "rekey/profile.h"
#include "rekey/secret.h"

namespace rekey::openssl {

/// AmsInput is everything the keys of one AMS are derived from.
struct AmsInput {
  ConstOctets pmk, msid, bsid;
  ConstOctets nonce;  ///< NONCE_BS or NONCE_AMS; empty where the hierarchy takes none
  ConstOctets cmac_key_count, ak_sn;
  ConstOctets saids;  ///< options.said_octets each
  std::span<const std::uint16_t> tek_counters;
};

/// AmsKeys holds the keys of one AMS. Only those that were wanted mean anything.
struct AmsKeys {
  Secret<kMsidStarOctets> msid_star;
  Secret<kAkOctets> ak;
  Secret<kAkidOctets> akid;
  Secret<2 * kCmacKeyOctets> cmac_keys;  ///< CMAC_KEY_U | CMAC_KEY_D
  Secret<kKekOctets> kek;
  Octets teks;  ///< the caller's: SA, then counter; empty when no TEK is wanted

  [[nodiscard]] Octets cmac_key_u() { return cmac_keys.octets().first(kCmacKeyOctets); }
  [[nodiscard]] Octets cmac_key_d() { return cmac_keys.octets().last(kCmacKeyOctets); }
  [[nodiscard]] ConstOctets cmac_key_u() const { return cmac_keys.octets().first(kCmacKeyOctets); }
  [[nodiscard]] ConstOctets cmac_key_d() const { return cmac_keys.octets().last(kCmacKeyOctets); }
};

/// ams_input returns the input of one item; `first_sa` is the number of SAs of all earlier items.
AmsInput ams_input(const CheckedBatch& batch, std::size_t item, std::size_t first_sa);

/// derive_ams derives the wanted keys of one AMS, and what those are derived from. Success or
/// failure is in kdf.status().
void derive_ams(Kdf& kdf, Profile profile, const ProfileOptions& options, KeySet wanted,
                const AmsInput& ams, AmsKeys* out_keys);

/// derive_batch fills `result` as Engine::derive_all() does, and returns kdf.status().
Status derive_batch(Kdf& kdf, const CheckedBatch& batch, const BatchResult& result);

}  // namespace rekey::openssl
