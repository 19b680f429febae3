// SPDX-License-Identifier: Apache-2.0
//
// Memory for key material: wiped when freed, compared in constant time, impossible to print.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <ostream>

#include "rekey/host_memory.h"
#include "rekey/octets.h"

namespace rekey {

/// wipe sets every octet to zero in a way the compiler may not remove.
void wipe(Octets octets);

/// equal_constant_time compares two spans in a time that depends on their lengths alone.
bool equal_constant_time(ConstOctets left, ConstOctets right);

/// Secret holds one key of N octets and wipes it when destroyed.
template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { wipe(octets_); }

  [[nodiscard]] Octets octets() { return octets_; }
  [[nodiscard]] ConstOctets octets() const { return octets_; }

  friend bool operator==(const Secret& left, const Secret& right) {
    return equal_constant_time(left.octets_, right.octets_);
  }
  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  std::array<std::uint8_t, N> octets_{};
};

/// SecretBuffer owns key material whose size is known at run time. It starts zeroed, and is wiped
/// when destroyed or assigned to.
class SecretBuffer {
 public:
  SecretBuffer() = default;
  /// Takes its memory from `memory`, which must outlive it.
  explicit SecretBuffer(std::size_t octets,
                        std::pmr::memory_resource* memory = large_page_memory());
  SecretBuffer(SecretBuffer&& other) noexcept;
  SecretBuffer& operator=(SecretBuffer&& other) noexcept;
  SecretBuffer(const SecretBuffer&) = delete;
  SecretBuffer& operator=(const SecretBuffer&) = delete;
  ~SecretBuffer() { release(); }

  [[nodiscard]] Octets octets() { return {octets_, size_}; }
  [[nodiscard]] ConstOctets octets() const { return {octets_, size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }

  friend std::ostream& operator<<(std::ostream&, const SecretBuffer&) = delete;

 private:
  void release();

  std::uint8_t* octets_ = nullptr;
  std::size_t size_ = 0;
  std::pmr::memory_resource* memory_ = nullptr;
};

}  // namespace rekey
