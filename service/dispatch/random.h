// SPDX-License-Identifier: Apache-2.0
//
// Chance, as something a test can replace.
#pragma once

#include <cstdint>

namespace rekey::dispatch {

/// Random draws numbers that a caller cannot foresee. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  /// below returns a number from 0 to `limit` - 1. `limit` is a power of two.
  virtual std::uint32_t below(std::uint32_t limit) = 0;
};

/// SystemRandom draws from OpenSSL's generator.
class SystemRandom final : public Random {
 public:
  std::uint32_t below(std::uint32_t limit) override;
};

}  // namespace rekey::dispatch
