// SPDX-License-Identifier: Apache-2.0
#include "rekey/secret.h"

#include <openssl/crypto.h>
#include <string.h>

#include <algorithm>
#include <utility>

namespace rekey {

void wipe(Octets octets) {
  if (!octets.empty()) explicit_bzero(octets.data(), octets.size());
}

bool equal_constant_time(ConstOctets left, ConstOctets right) {
  if (left.size() != right.size()) return false;
  return left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

SecretBuffer::SecretBuffer(std::size_t octets, std::pmr::memory_resource* memory)
    : size_(octets), memory_(memory) {
  if (octets == 0) return;
  octets_ = static_cast<std::uint8_t*>(memory->allocate(octets));
  std::fill_n(octets_, octets, std::uint8_t{0});
}

SecretBuffer::SecretBuffer(SecretBuffer&& other) noexcept
    : octets_(std::exchange(other.octets_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      memory_(other.memory_) {}

SecretBuffer& SecretBuffer::operator=(SecretBuffer&& other) noexcept {
  if (this != &other) {
    release();
    octets_ = std::exchange(other.octets_, nullptr);
    size_ = std::exchange(other.size_, 0);
    memory_ = other.memory_;
  }
  return *this;
}

void SecretBuffer::release() {
  if (octets_ == nullptr) return;
  wipe(octets());
  memory_->deallocate(octets_, size_);
}

}  // namespace rekey
