// SPDX-License-Identifier: Apache-2.0
#include "openssl/ecb_cmac.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace rekey::openssl {
namespace {

constexpr std::size_t kFinished = SIZE_MAX;  ///< stands for: all of the message is chained

/// left = left XOR right, a block each.
void add(const std::uint8_t* right, std::uint8_t* left) {
  std::uint64_t l[2], r[2];
  std::memcpy(l, left, kBlockOctets);
  std::memcpy(r, right, kBlockOctets);
  l[0] ^= r[0];
  l[1] ^= r[1];
  std::memcpy(left, l, kBlockOctets);
}

/// RFC 4493, section 2.3: twice = block << 1, and XOR const_Rb if the bit that falls out is 1.
void twice(ConstOctets block, Octets out_twice) {
  const auto falls_out = static_cast<std::uint8_t>(block[0] >> 7);
  for (std::size_t i = 0; i + 1 < kBlockOctets; ++i) {
    out_twice[i] = static_cast<std::uint8_t>(block[i] << 1 | block[i + 1] >> 7);
  }
  // Zero or 0x87, without a branch on the key.
  const auto rb = static_cast<std::uint8_t>(-falls_out & 0x87);
  out_twice[kBlockOctets - 1] = static_cast<std::uint8_t>(block[kBlockOctets - 1] << 1 ^ rb);
}

}  // namespace

EcbCmac::EcbCmac(const EVP_CIPHER* aes_128_ecb) : context_(EVP_CIPHER_CTX_new()) {
  keep(context_ != nullptr, "EVP_CIPHER_CTX_new");
  if (!status_.ok()) return;
  keep(EVP_EncryptInit_ex2(context_.get(), aes_128_ecb, nullptr, nullptr, nullptr),
       "EVP_EncryptInit_ex2");
}

void EcbCmac::keep(int outcome, std::string_view call) {
  if (outcome != 1) status_ = failed_call(call);
}

void EcbCmac::set_key(std::span<const std::uint8_t, kBlockOctets> key) {
  if (!status_.ok()) return;
  // The cipher was set when context_ was made: to name it again would cost OpenSSL a new look at
  // it.
  keep(EVP_EncryptInit_ex2(context_.get(), nullptr, key.data(), nullptr, nullptr),
       "EVP_EncryptInit_ex2");
  has_subkeys_ = false;
}

void EcbCmac::encrypt_blocks(std::uint8_t* blocks, std::size_t count) {
  if (!status_.ok()) return;
  const int octets = static_cast<int>(count * kBlockOctets);
  int written = 0;
  keep(EVP_EncryptUpdate(context_.get(), blocks, &written, blocks, octets), "EVP_EncryptUpdate");
  assert(!status_.ok() || written == octets);
}

void EcbCmac::make_subkeys(const std::uint8_t* l) {
  twice({l, kBlockOctets}, k1_.octets());
  twice(k1_.octets(), k2_.octets());
  has_subkeys_ = true;
}

void EcbCmac::last_block(ConstOctets rest, std::uint8_t* out_block) const {
  if (rest.size() == kBlockOctets) {
    std::memcpy(out_block, rest.data(), kBlockOctets);
    add(k1_.octets().data(), out_block);
    return;
  }
  std::memset(out_block, 0, kBlockOctets);
  std::copy(rest.begin(), rest.end(), out_block);
  out_block[rest.size()] = 0x80;
  add(k2_.octets().data(), out_block);
}

void EcbCmac::run(std::span<const Message> messages) {
  assert(messages.size() <= kMaxMessages);
  std::array<std::size_t, kMaxMessages> chained;  // octets of each message
  std::fill_n(chained.begin(), messages.size(), 0);
  std::array<std::size_t, kMaxMessages> in_round;
  std::uint8_t* const blocks = blocks_.octets().data();
  std::uint8_t* const chains = chains_.octets().data();

  for (std::size_t unfinished = messages.size(); unfinished > 0 && status_.ok();) {
    // The first round under a key makes L beside the blocks that need no subkey.
    const bool makes_l = !has_subkeys_;
    if (makes_l) std::memset(blocks, 0, kBlockOctets);
    std::uint8_t* const first = blocks + (makes_l ? kBlockOctets : 0);
    std::uint8_t* block = first;
    std::size_t count = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (chained[i] == kFinished) continue;
      const ConstOctets rest = messages[i].octets.subspan(chained[i]);
      if (rest.size() > kBlockOctets) {
        std::memcpy(block, rest.data(), kBlockOctets);
      } else if (makes_l) {
        continue;
      } else {
        last_block(rest, block);
      }
      if (chained[i] > 0) add(chains + i * kBlockOctets, block);
      in_round[count++] = i;
      block += kBlockOctets;
    }
    encrypt_blocks(blocks, static_cast<std::size_t>(block - blocks) / kBlockOctets);
    if (!status_.ok()) return;
    if (makes_l) make_subkeys(blocks);
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t i = in_round[k];
      const std::uint8_t* const encrypted = first + k * kBlockOctets;
      if (messages[i].octets.size() - chained[i] > kBlockOctets) {
        std::memcpy(chains + i * kBlockOctets, encrypted, kBlockOctets);
        chained[i] += kBlockOctets;
      } else {
        const Octets mac_end = messages[i].mac_end;
        std::copy_n(encrypted + kBlockOctets - mac_end.size(), mac_end.size(), mac_end.begin());
        chained[i] = kFinished;
        --unfinished;
      }
    }
  }
}

}  // namespace rekey::openssl
