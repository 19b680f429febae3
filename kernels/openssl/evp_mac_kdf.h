// SPDX-License-Identifier: Apache-2.0
//
// The functions of the specification on OpenSSL's own CMAC, one T(i) after the other.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "openssl/algorithms.h"
#include "openssl/kdf.h"
#include "rekey/octets.h"
#include "rekey/secret.h"
#include "rekey/status.h"
#include "rekey/trace.h"

namespace rekey::openssl {

/// EvpMacKdf settles every result at once, and computes every T(i) whether it is needed or not: the
/// specification to the letter.
class EvpMacKdf final : public Kdf {
 public:
  /// Refers to `algorithms`. Appends every evaluation to `*out_steps` unless it is null.
  explicit EvpMacKdf(const Algorithms& algorithms, std::vector<TraceStep>* out_steps = nullptr);

  void set_key(std::string_view name, ConstOctets key) override;
  void derive(std::string_view result_name, Parts astring, Octets result,
              Evaluations needed) override;
  void encrypt_block(std::string_view result_name, Parts block, Octets result) override;
  void settle() override {}

  /// cmac writes AES-128-CMAC(key, message) to `mac`.
  void cmac(ConstOctets message, std::span<std::uint8_t, kBlockOctets> mac);

 private:
  void begin_mac();
  void update_mac(ConstOctets part);
  void finish_mac(std::span<std::uint8_t, kBlockOctets> mac);
  void record(std::string_view function, std::string_view result_name, Parts message,
              ConstOctets result);

  const Algorithms& algorithms_;
  std::vector<TraceStep>* out_steps_;
  EvpMacCtx mac_;
  EvpCipherCtx cipher_;  ///< null until encrypt_block() is first called
  std::string_view key_name_;
  Secret<kBlockOctets> kin_;
  bool mac_keyed_ = false;  ///< mac_ holds the key in force
};

}  // namespace rekey::openssl
