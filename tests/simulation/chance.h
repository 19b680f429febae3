// SPDX-License-Identifier: Apache-2.0
//
// Chance from a seed, the same on every machine.
#pragma once

#include <cstdint>

namespace rekey::simulation {

/// Chance draws numbers (splitmix64).
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// A number from `first` to `last`, both included.
  std::uint64_t between(std::uint64_t first, std::uint64_t last) {
    return first + next() % (last - first + 1);
  }
  /// As between(), with small numbers as likely as large ones: every order of magnitude counts the
  /// same.
  std::uint64_t spread(std::uint64_t first, std::uint64_t last) {
    std::uint64_t bits = 0;
    while ((last - first) >> bits != 0) ++bits;
    const std::uint64_t kept = between(0, bits);
    const std::uint64_t above = kept == 0 ? 0 : next() & ((kept == 64 ? 0 : 1ULL << kept) - 1);
    return first + (above > last - first ? last - first : above);
  }
  bool once_in(std::uint64_t times) { return between(1, times) == 1; }

 private:
  std::uint64_t state_;
};

}  // namespace rekey::simulation
