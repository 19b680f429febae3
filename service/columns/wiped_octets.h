// SPDX-License-Identifier: Apache-2.0
//
// Memory for key material that somebody else takes over in the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "rekey/octets.h"

namespace rekey {

/// WipedOctets owns memory that is wiped when freed. Unlike a SecretBuffer it holds anything at
/// first, and can be given away.
class WipedOctets {
 public:
  WipedOctets() = default;
  explicit WipedOctets(std::size_t size);
  WipedOctets(WipedOctets&& other) noexcept = default;
  WipedOctets& operator=(WipedOctets&& other) noexcept = default;

  [[nodiscard]] Octets octets() { return {octets_.get(), size()}; }
  [[nodiscard]] ConstOctets octets() const { return {octets_.get(), size()}; }
  [[nodiscard]] std::size_t size() const { return octets_.get_deleter().size; }

  /// release gives the memory away; the new owner frees it with free_wiped().
  [[nodiscard]] std::uint8_t* release() { return octets_.release(); }

 private:
  struct Free {
    std::size_t size;
    void operator()(std::uint8_t* octets) const;
  };

  std::unique_ptr<std::uint8_t[], Free> octets_{nullptr, Free{0}};
};

/// free_wiped wipes and frees what WipedOctets::release() returned, of the size it had.
void free_wiped(void* octets, std::size_t size);

}  // namespace rekey
