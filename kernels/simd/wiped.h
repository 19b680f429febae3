// SPDX-License-Identifier: Apache-2.0
//
// Working memory for key material on the stack.
#pragma once

#include <cstdint>
#include <type_traits>

#include "rekey/secret.h"

namespace rekey::simd {

/// Wiped holds a plain struct, uninitialised, and wipes it when it goes out of scope.
template <typename T>
class Wiped {
 public:
  static_assert(std::is_trivially_destructible_v<T> && std::is_trivially_copyable_v<T>);

  Wiped() {}  // NOLINT(modernize-use-equals-default): `= default` would zero it where asked for {}
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { wipe({reinterpret_cast<std::uint8_t*>(&value), sizeof(T)}); }

  T value;
};

}  // namespace rekey::simd
