// SPDX-License-Identifier: Apache-2.0
#include "openssl/ecb_cmac.h"

#include <endian.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace rekey::openssl {
namespace {

/// left = left XOR right, a block each. One load and one store of 16 octets: the cipher, which
/// reads blocks whole, would wait for a block that was stored in pieces.
void add(const std::uint8_t* right, std::uint8_t* left) {
  using Block [[gnu::vector_size(kBlockOctets)]] = std::uint64_t;
  Block l, r;
  std::memcpy(&l, left, kBlockOctets);
  std::memcpy(&r, right, kBlockOctets);
  l ^= r;
  std::memcpy(left, &l, kBlockOctets);
}

/// Number is a block as a big-endian number of 128 bits.
struct Number {
  std::uint64_t left = 0, right = 0;
};

Number number_of(const std::uint8_t* block) {
  Number number;
  std::memcpy(&number, block, kBlockOctets);
  return {be64toh(number.left), be64toh(number.right)};
}

void put(const Number& number, std::uint8_t* out_block) {
  const Number big_endian = {htobe64(number.left), htobe64(number.right)};
  std::memcpy(out_block, &big_endian, kBlockOctets);
}

/// RFC 4493, section 2.3: x << 1, XOR const_Rb if the bit that falls out is 1.
Number subkey_after(const Number& x) {
  // All ones or none, so that there is no branch on the key.
  const std::uint64_t falls_out = 0 - (x.left >> 63);
  return {x.left << 1 | x.right >> 63, x.right << 1 ^ (falls_out & 0x87)};
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
  // Without the cipher, which context_ has since it was made: OpenSSL would set it up anew.
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

void EcbCmac::run(std::span<const Message> messages) {
  assert(messages.size() <= kMaxMessages);
  if (messages.empty()) return;
  std::memset(chains_.octets().data(), 0, messages.size() * kBlockOctets);
  // Under a new key, the first round encrypts L beside the first blocks.
  std::size_t offset = 0;
  while (chain_blocks(messages, offset)) offset += kBlockOctets;
  finish(messages);
}

bool EcbCmac::chain_blocks(std::span<const Message> messages, std::size_t offset) {
  std::uint8_t* const blocks = blocks_.octets().data();
  std::uint8_t* const chains = chains_.octets().data();
  const std::size_t first = has_subkeys_ ? 0 : 1;
  std::array<std::uint8_t, 1 + kMaxMessages> message_of;
  std::size_t count = first;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].octets.size() <= offset + kBlockOctets) continue;
    std::uint8_t* const block = blocks + count * kBlockOctets;
    std::memcpy(block, messages[i].octets.data() + offset, kBlockOctets);
    add(chains + i * kBlockOctets, block);
    message_of[count++] = static_cast<std::uint8_t>(i);
  }
  if (count == 0) return false;
  if (!has_subkeys_) std::memset(blocks, 0, kBlockOctets);
  encrypt_blocks(blocks, count);
  if (!has_subkeys_) {
    const Number k1 = subkey_after(number_of(blocks));
    put(k1, k1_.octets().data());
    put(subkey_after(k1), k2_.octets().data());
    has_subkeys_ = true;
  }
  for (std::size_t k = first; k < count; ++k) {
    std::memcpy(chains + message_of[k] * kBlockOctets, blocks + k * kBlockOctets, kBlockOctets);
  }
  return status_.ok();
}

void EcbCmac::finish(std::span<const Message> messages) {
  std::uint8_t* const chains = chains_.octets().data();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const ConstOctets octets = messages[i].octets;
    std::uint8_t* const chain = chains + i * kBlockOctets;
    const std::size_t last = octets.empty() ? 0 : (octets.size() - 1) % kBlockOctets + 1;
    const std::uint8_t* const rest = octets.data() + (octets.size() - last);
    if (last == kBlockOctets) {
      add(rest, chain);
      add(k1_.octets().data(), chain);
    } else {
      for (std::size_t k = 0; k < last; ++k) chain[k] ^= rest[k];
      chain[last] ^= 0x80;
      add(k2_.octets().data(), chain);
    }
  }
  encrypt_blocks(chains, messages.size());
  if (!status_.ok()) return;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Octets mac_end = messages[i].mac_end;
    std::copy_n(chains + (i + 1) * kBlockOctets - mac_end.size(), mac_end.size(), mac_end.begin());
  }
}

}  // namespace rekey::openssl
