// SPDX-License-Identifier: Apache-2.0
//
// AES-128-CMAC written from RFC 4493 on OpenSSL's AES-128-ECB alone: many messages under one key
// side by side, so that OpenSSL's AES unit never waits for one block to chain the next.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "openssl/algorithms.h"
#include "rekey/octets.h"
#include "rekey/secret.h"
#include "rekey/status.h"

namespace rekey::openssl {

/// EcbCmac holds one key at a time, and wipes what it worked on when destroyed. The first failure
/// is kept in status(), and all later calls do nothing. For one thread at a time.
class EcbCmac {
 public:
  /// Messages that are chained side by side.
  static constexpr std::size_t kMaxMessages = 64;

  /// Message is what is authenticated, and where its MAC goes.
  struct Message {
    ConstOctets octets;
    Octets mac_end;  ///< takes that many of the MAC's rightmost octets, at most 16
  };

  /// Refers to `aes_128_ecb`.
  explicit EcbCmac(const EVP_CIPHER* aes_128_ecb);

  /// set_key keys what follows.
  void set_key(std::span<const std::uint8_t, kBlockOctets> key);

  /// run writes the AES-128-CMAC of each message, of which there are at most kMaxMessages.
  void run(std::span<const Message> messages);

  /// encrypt replaces a block by its AES-128-ECB.
  void encrypt(std::span<std::uint8_t, kBlockOctets> block) { encrypt_blocks(block.data(), 1); }

  [[nodiscard]] const Status& status() const { return status_; }

 private:
  void keep(int outcome, std::string_view call);
  void encrypt_blocks(std::uint8_t* blocks, std::size_t count);
  /// Chains the blocks at `offset` that are not their message's last. Makes the subkeys too, unless
  /// they are there. False when there was nothing to do, or it failed.
  bool chain_blocks(std::span<const Message> messages, std::size_t offset);
  /// Chains all last blocks, and cuts the MACs.
  void finish(std::span<const Message> messages);

  Status status_;
  EvpCipherCtx context_;
  bool has_subkeys_ = false;
  Secret<kBlockOctets> k1_, k2_;
  Secret<kMaxMessages * kBlockOctets> chains_;        ///< the last encrypted block of each message
  Secret<(1 + kMaxMessages) * kBlockOctets> blocks_;  ///< L's, and one of each message
};

}  // namespace rekey::openssl
