// SPDX-License-Identifier: Apache-2.0
//
// An input as what fuzz targets make their choices with.
#pragma once

#include <cstdint>
#include <span>

namespace rekey::fuzz {

/// InputOctets is the input, read one octet after the other; behind its end there are zeros.
class InputOctets {
 public:
  explicit InputOctets(std::span<const std::uint8_t> octets) : octets_(octets) {}

  [[nodiscard]] bool empty() const { return octets_.empty(); }
  std::uint8_t next() {
    if (octets_.empty()) return 0;
    const std::uint8_t octet = octets_.front();
    octets_ = octets_.subspan(1);
    return octet;
  }
  /// A number from `first` to `last`, at most 255 apart.
  std::uint32_t between(std::uint32_t first, std::uint32_t last) {
    return first + next() % (last - first + 1);
  }

 private:
  std::span<const std::uint8_t> octets_;
};

}  // namespace rekey::fuzz
