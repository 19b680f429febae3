// SPDX-License-Identifier: Apache-2.0
#include "contexts/content_hash.h"

#include <algorithm>
#include <array>

#include "rekey/secret.h"

namespace rekey::contexts {
namespace {

/// Fetched once: looking it up costs more than an item's hash.
const EVP_MD* sha256() {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest;
}

}  // namespace

ContentHash::ContentHash() : context_(EVP_MD_CTX_new()) {
  good_ = context_ != nullptr && EVP_DigestInit_ex(context_, sha256(), nullptr) == 1;
}

ContentHash& ContentHash::add(std::string_view text) {
  add(std::uint64_t{text.size()});
  return append(text.data(), text.size());
}

ContentHash& ContentHash::add(std::uint64_t number) {
  std::array<std::uint8_t, 8> octets{};
  for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return append(octets.data(), octets.size());
}

ContentHash& ContentHash::append(const void* octets, std::size_t count) {
  good_ = good_ && EVP_DigestUpdate(context_, octets, count) == 1;
  return *this;
}

Status ContentHash::end(Digest* out_half) {
  Secret<32> whole;
  if (!good_ || EVP_DigestFinal_ex(context_, whole.octets().data(), nullptr) != 1) {
    return {Code::kInternal, "expected a SHA-256 from OpenSSL, found none"};
  }
  std::copy_n(whole.octets().begin(), out_half->size(), out_half->begin());
  return {};
}

}  // namespace rekey::contexts
