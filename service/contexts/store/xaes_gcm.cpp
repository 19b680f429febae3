// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/xaes_gcm.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <functional>

namespace rekey::contexts {
namespace {

constexpr std::size_t kGcmNonceOctets = 12;

int size_of(ConstOctets octets) { return static_cast<int>(octets.size()); }

/// Fetched once: looking an algorithm up costs more than sealing a record.
const EVP_CIPHER* gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

/// Multiplies by x in GF(2^128), as CMAC does.
void double_block(Octets block) {
  std::uint8_t carry = 0;
  for (std::size_t i = block.size(); i-- > 0;) {
    const auto next = static_cast<std::uint8_t>(block[i] >> 7);
    block[i] = static_cast<std::uint8_t>((block[i] << 1) | carry);
    carry = next;
  }
  block.back() ^= static_cast<std::uint8_t>(0x87 & -carry);
}

}  // namespace

void XaesGcm::Free::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

XaesGcm::XaesGcm(const Secret<kKeyOctets>& key)
    : blocks_(EVP_CIPHER_CTX_new()), gcm_(EVP_CIPHER_CTX_new()) {
  constexpr std::array<std::uint8_t, kBlockOctets> kZero{};
  int length = 0;
  good_ = blocks_ != nullptr && gcm_ != nullptr && gcm() != nullptr &&
          EVP_EncryptInit_ex2(blocks_.get(), EVP_aes_256_ecb(), key.octets().data(), nullptr,
                              nullptr) == 1 &&
          EVP_CIPHER_CTX_set_padding(blocks_.get(), 0) == 1 &&
          EVP_EncryptUpdate(blocks_.get(), subkey_.octets().data(), &length, kZero.data(),
                            size_of(kZero)) == 1 &&
          EVP_CipherInit_ex2(gcm_.get(), gcm(), nullptr, nullptr, 1, nullptr) == 1;
  double_block(subkey_.octets());
}

bool XaesGcm::begin(std::span<const std::uint8_t, kNonceOctets> nonce, bool sealing) {
  if (!good_) return false;
  // Two blocks of CMAC's counter mode (SP 800-108): counter, label 'X', 0, context.
  Secret<kKeyOctets> input;
  for (std::size_t block = 0; block < 2; ++block) {
    const Octets octets = input.octets().subspan(block * kBlockOctets, kBlockOctets);
    octets[1] = static_cast<std::uint8_t>(block + 1);
    octets[2] = 'X';
    std::ranges::copy(nonce.first(kNonceOctets - kGcmNonceOctets), octets.begin() + 4);
    std::ranges::transform(octets, subkey_.octets(), octets.begin(), std::bit_xor<>());
  }
  Secret<kKeyOctets> key;
  int length = 0;
  return EVP_EncryptUpdate(blocks_.get(), key.octets().data(), &length, input.octets().data(),
                           size_of(input.octets())) == 1 &&
         EVP_CipherInit_ex2(gcm_.get(), nullptr, key.octets().data(),
                            nonce.last(kGcmNonceOctets).data(), sealing ? 1 : 0, nullptr) == 1;
}

bool XaesGcm::seal(std::span<const std::uint8_t, kNonceOctets> nonce, ConstOctets associated,
                   ConstOctets plain, Octets out_sealed) {
  int length = 0;
  return begin(nonce, true) &&
         EVP_EncryptUpdate(gcm_.get(), nullptr, &length, associated.data(), size_of(associated)) ==
             1 &&
         (plain.empty() || EVP_EncryptUpdate(gcm_.get(), out_sealed.data(), &length, plain.data(),
                                             size_of(plain)) == 1) &&
         EVP_EncryptFinal_ex(gcm_.get(), out_sealed.data() + plain.size(), &length) == 1 &&
         EVP_CIPHER_CTX_ctrl(gcm_.get(), EVP_CTRL_AEAD_GET_TAG, kTagOctets,
                             out_sealed.data() + plain.size()) == 1;
}

bool XaesGcm::open(std::span<const std::uint8_t, kNonceOctets> nonce, ConstOctets associated,
                   ConstOctets sealed, Octets out_plain) {
  if (sealed.size() < kTagOctets) return false;
  const ConstOctets ciphertext = sealed.first(sealed.size() - kTagOctets);
  std::array<std::uint8_t, kTagOctets> tag;
  std::ranges::copy(sealed.last(kTagOctets), tag.begin());
  int length = 0;
  const bool opened =
      begin(nonce, false) &&
      EVP_DecryptUpdate(gcm_.get(), nullptr, &length, associated.data(), size_of(associated)) ==
          1 &&
      (ciphertext.empty() || EVP_DecryptUpdate(gcm_.get(), out_plain.data(), &length,
                                               ciphertext.data(), size_of(ciphertext)) == 1) &&
      EVP_CIPHER_CTX_ctrl(gcm_.get(), EVP_CTRL_AEAD_SET_TAG, kTagOctets, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(gcm_.get(), tag.data(), &length) == 1;
  if (!opened) wipe(out_plain);
  return opened;
}

}  // namespace rekey::contexts
