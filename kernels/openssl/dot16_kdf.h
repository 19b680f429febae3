// SPDX-License-Identifier: Apache-2.0
//
// Dot16KDF on OpenSSL's CMAC (key-derivation specification, section 1).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "openssl/algorithms.h"
#include "rekey/octets.h"
#include "rekey/secret.h"
#include "rekey/status.h"
#include "rekey/trace.h"

namespace rekey::openssl {

/// Parts are octet strings that stand one after the other: what the specification joins with `|`.
using Parts = std::initializer_list<ConstOctets>;

/// ascii returns the octets of a literal, without a terminator.
inline ConstOctets ascii(std::string_view literal) {
  return {reinterpret_cast<const std::uint8_t*>(literal.data()), literal.size()};
}

/// Dot16Kdf evaluates the functions of the specification under one key after the other. The first
/// call that fails is kept in status(), and all later ones do nothing: formulas can be written
/// below each other and asked once whether they held. For one thread at a time.
class Dot16Kdf {
 public:
  /// Refers to `algorithms`. Appends every evaluation to `*out_steps` unless it is null.
  explicit Dot16Kdf(const Algorithms& algorithms, std::vector<TraceStep>* out_steps = nullptr);

  /// set_key keys what follows with the rightmost 16 octets of `key`. `name` must stay in force as
  /// long as the key does.
  void set_key(std::string_view name, ConstOctets key);

  /// derive writes Dot16KDF(key, astring, 8 * result.size()) to `result`, of at most 48 octets.
  void derive(std::string_view result_name, Parts astring, Octets result);

  /// encrypt_block writes AES-128-ECB(key, block) to `result`; the block's parts have 16 octets
  /// together.
  void encrypt_block(std::string_view result_name, Parts block, Octets result);

  /// cmac writes AES-128-CMAC(key, message) to `mac`.
  void cmac(ConstOctets message, std::span<std::uint8_t, kBlockOctets> mac);

  [[nodiscard]] const Status& status() const { return status_; }

 private:
  /// Keeps the reason unless `outcome` is OpenSSL's 1 for success.
  void keep(int outcome, std::string_view call);
  void begin_mac();
  void update_mac(ConstOctets part);
  void finish_mac(std::span<std::uint8_t, kBlockOctets> mac);
  void record(std::string_view function, std::string_view result_name, Parts message,
              ConstOctets result);

  const Algorithms& algorithms_;
  std::vector<TraceStep>* out_steps_;
  Status status_;
  EvpMacCtx mac_;
  EvpCipherCtx cipher_;  ///< null until encrypt_block() is first called
  std::string_view key_name_;
  Secret<kBlockOctets> kin_;
  bool mac_keyed_ = false;  ///< mac_ holds the key in force
};

}  // namespace rekey::openssl
