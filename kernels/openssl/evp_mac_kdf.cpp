// SPDX-License-Identifier: Apache-2.0
#include "openssl/evp_mac_kdf.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <string>

namespace rekey::openssl {
namespace {

SecretBuffer joined(Parts parts) {
  SecretBuffer whole(octets_of(parts));
  join(parts, whole.octets().data());
  return whole;
}

}  // namespace

EvpMacKdf::EvpMacKdf(const Algorithms& algorithms, std::vector<TraceStep>* out_steps)
    : algorithms_(algorithms), out_steps_(out_steps) {
  keep(algorithms.status());
  if (!status().ok()) return;
  mac_.reset(EVP_MAC_CTX_new(algorithms.cmac()));
  keep(mac_ != nullptr, "EVP_MAC_CTX_new");
  if (!status().ok()) return;
  char cipher[] = "AES-128-CBC";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
      OSSL_PARAM_construct_end()};
  keep(EVP_MAC_CTX_set_params(mac_.get(), parameters), "EVP_MAC_CTX_set_params");
}

void EvpMacKdf::set_key(std::string_view name, ConstOctets key) {
  assert(key.size() >= kBlockOctets);
  key_name_ = name;
  std::ranges::copy(key.last(kBlockOctets), kin_.octets().begin());
  mac_keyed_ = false;
}

void EvpMacKdf::derive(std::string_view result_name, Parts astring, Octets result,
                       Evaluations /*needed*/) {
  assert(!result.empty() && result.size() <= kMaxResultOctets);
  const std::size_t bits = 8 * result.size();
  const std::size_t evaluations = (bits + 127) / 128;
  Secret<kMaxResultOctets> buffer;
  const Octets whole = buffer.octets().first(evaluations * kBlockOctets);
  for (std::size_t i = 0; i < evaluations; ++i) {
    begin_mac();
    update_mac(big_endian_32(i));
    for (ConstOctets part : astring) update_mac(part);
    update_mac(big_endian_32(bits));
    finish_mac(whole.subspan(i * kBlockOctets).first<kBlockOctets>());
  }
  std::ranges::copy(whole.last(result.size()), result.begin());
  if (out_steps_ != nullptr) record("Dot16KDF", result_name, astring, result);
}

void EvpMacKdf::encrypt_block(std::string_view result_name, Parts block, Octets result) {
  assert(octets_of(block) == kBlockOctets && result.size() == kBlockOctets);
  if (status().ok() && cipher_ == nullptr) {
    cipher_.reset(EVP_CIPHER_CTX_new());
    keep(cipher_ != nullptr, "EVP_CIPHER_CTX_new");
  }
  if (!status().ok()) return;
  keep(EVP_EncryptInit_ex2(cipher_.get(), algorithms_.aes_128_ecb(), kin_.octets().data(), nullptr,
                           nullptr),
       "EVP_EncryptInit_ex2");
  if (!status().ok()) return;
  std::array<std::uint8_t, kBlockOctets> plain;
  join(block, plain.data());
  int written = 0;
  keep(EVP_EncryptUpdate(cipher_.get(), result.data(), &written, plain.data(), kBlockOctets),
       "EVP_EncryptUpdate");
  assert(!status().ok() || written == kBlockOctets);
  if (out_steps_ != nullptr) record("AES-128-ECB", result_name, block, result);
}

void EvpMacKdf::cmac(ConstOctets message, std::span<std::uint8_t, kBlockOctets> mac) {
  begin_mac();
  update_mac(message);
  finish_mac(mac);
}

void EvpMacKdf::begin_mac() {
  if (!status().ok()) return;
  // Without a key OpenSSL starts over under the one it has, and saves the key schedule.
  const ConstOctets new_key = mac_keyed_ ? ConstOctets() : ConstOctets(kin_.octets());
  keep(EVP_MAC_init(mac_.get(), new_key.data(), new_key.size(), nullptr), "EVP_MAC_init");
  mac_keyed_ = true;
}

void EvpMacKdf::update_mac(ConstOctets part) {
  if (!status().ok()) return;
  keep(EVP_MAC_update(mac_.get(), part.data(), part.size()), "EVP_MAC_update");
}

void EvpMacKdf::finish_mac(std::span<std::uint8_t, kBlockOctets> mac) {
  if (!status().ok()) return;
  std::size_t written = 0;
  keep(EVP_MAC_final(mac_.get(), mac.data(), &written, mac.size()), "EVP_MAC_final");
  assert(!status().ok() || written == kBlockOctets);
}

void EvpMacKdf::record(std::string_view function, std::string_view result_name, Parts message,
                       ConstOctets result) {
  out_steps_->push_back({std::string(result_name), std::string(function), std::string(key_name_),
                         joined({kin_.octets()}), joined(message),
                         static_cast<unsigned>(8 * result.size()), joined({result})});
}

}  // namespace rekey::openssl
