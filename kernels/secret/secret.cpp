// SPDX-License-Identifier: Apache-2.0
#include "rekey/secret.h"

#include <openssl/crypto.h>

#include <utility>

namespace rekey {

void wipe(Octets octets) {
  if (!octets.empty()) OPENSSL_cleanse(octets.data(), octets.size());
}

bool equal_constant_time(ConstOctets left, ConstOctets right) {
  if (left.size() != right.size()) return false;
  return left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

SecretBuffer::SecretBuffer(SecretBuffer&& other) noexcept
    : octets_(std::move(other.octets_)), size_(std::exchange(other.size_, 0)) {}

SecretBuffer& SecretBuffer::operator=(SecretBuffer&& other) noexcept {
  if (this != &other) {
    wipe(octets());
    octets_ = std::move(other.octets_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

}  // namespace rekey
