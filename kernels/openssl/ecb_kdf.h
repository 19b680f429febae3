// SPDX-License-Identifier: Apache-2.0
//
// The functions of the specification on EcbCmac: everything under one key is computed together.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "openssl/ecb_cmac.h"
#include "openssl/kdf.h"
#include "rekey/octets.h"
#include "rekey/secret.h"

namespace rekey::openssl {

/// EcbKdf computes only the T(i) that are needed, at the latest when the key changes. It allocates
/// nothing once it is made.
class EcbKdf final : public Kdf {
 public:
  /// Refers to `aes_128_ecb`.
  explicit EcbKdf(const EVP_CIPHER* aes_128_ecb);

  void set_key(std::string_view name, ConstOctets key) override;
  void derive(std::string_view result_name, Parts astring, Octets result,
              Evaluations needed) override;
  void encrypt_block(std::string_view result_name, Parts block, Octets result) override;
  void settle() override;

 private:
  static constexpr std::size_t kMaxMessageOctets = 4 + kMaxAstringOctets + 4;

  EcbCmac cmac_;
  std::array<EcbCmac::Message, EcbCmac::kMaxMessages> waiting_;
  std::size_t waiting_count_ = 0;
  /// The octets of the messages that wait. MSID*, which some hold, is a key of the AMS too.
  Secret<EcbCmac::kMaxMessages * kMaxMessageOctets> messages_;
};

}  // namespace rekey::openssl
