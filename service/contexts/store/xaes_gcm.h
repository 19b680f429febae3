// SPDX-License-Identifier: Apache-2.0
//
// XAES-256-GCM (C2SP): AES-256-GCM under a key of its own for each message, which the first half of
// a 24-octet nonce derives from the long-lived key. The second half is GCM's nonce. Nonces may be
// drawn at random for as long as a key lives: GCM's own 12 octets would be worn out after 2^32
// messages, hours of the load this service is built for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "rekey/octets.h"
#include "rekey/secret.h"

struct evp_cipher_ctx_st;

namespace rekey::contexts {

/// XaesGcm seals and opens messages under one key, one after the other. Not thread-safe.
class XaesGcm {
 public:
  static constexpr std::size_t kKeyOctets = 32;
  static constexpr std::size_t kNonceOctets = 24;
  static constexpr std::size_t kTagOctets = 16;

  explicit XaesGcm(const Secret<kKeyOctets>& key);

  /// seal writes the ciphertext, then the tag: kTagOctets more than `plain`. False: OpenSSL failed.
  [[nodiscard]] bool seal(std::span<const std::uint8_t, kNonceOctets> nonce, ConstOctets associated,
                          ConstOctets plain, Octets out_sealed);
  /// open writes the plaintext, kTagOctets fewer than `sealed`. False: this is not what was sealed
  /// under this key with this nonce and associated data; `out_plain` is then zero.
  [[nodiscard]] bool open(std::span<const std::uint8_t, kNonceOctets> nonce, ConstOctets associated,
                          ConstOctets sealed, Octets out_plain);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  using Context = std::unique_ptr<evp_cipher_ctx_st, Free>;

  [[nodiscard]] bool begin(std::span<const std::uint8_t, kNonceOctets> nonce, bool sealing);

  Context blocks_;  ///< AES-256 under the long-lived key
  Context gcm_;
  Secret<kBlockOctets> subkey_;  ///< K1 of CMAC
  bool good_ = false;
};

}  // namespace rekey::contexts
