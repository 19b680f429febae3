// SPDX-License-Identifier: Apache-2.0
//
// Chance, as something a test can replace.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace rekey::dispatch {

/// Random draws numbers that a caller cannot foresee. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  /// below returns a number from 0 to `limit` - 1. `limit` is a power of two.
  virtual std::uint32_t below(std::uint32_t limit) = 0;
};

/// SystemRandom draws from the system's cryptographic source, many numbers at a time: asking for
/// one takes longer than to derive the keys of an AMS.
class SystemRandom final : public Random {
 public:
  std::uint32_t below(std::uint32_t limit) override;

 private:
  std::mutex mutex_;
  std::array<std::uint32_t, 256> numbers_{};
  std::size_t left_ = 0;
};

}  // namespace rekey::dispatch
