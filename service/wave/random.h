// SPDX-License-Identifier: Apache-2.0
//
// Random numbers that are the same on every machine. For synthetic waves only: whoever knows the
// seed knows the keys.
#pragma once

#include <cassert>
#include <cstdint>
#include <random>

#include "rekey/octets.h"

namespace rekey::wave {

/// Random draws from std::mt19937_64, whose sequence the C++ standard fixes. The standard library's
/// distributions are not used: they differ from one library to the next.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// below returns a number from 0 to limit - 1, each as likely as the others. `limit` is not 0.
  std::uint64_t below(std::uint64_t limit) {
    assert(limit > 0);
    const std::uint64_t remainder = (0 - limit) % limit;  // 2^64 mod limit
    std::uint64_t number = engine_();
    while (number < remainder) number = engine_();
    return number % limit;
  }

  /// between returns a number from `low` to `high`, both included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }

  /// fill draws every octet, eight from one number, the least significant first.
  void fill(Octets octets) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) {
      number = i % 8 == 0 ? engine_() : number >> 8;
      octets[i] = static_cast<std::uint8_t>(number);
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace rekey::wave
