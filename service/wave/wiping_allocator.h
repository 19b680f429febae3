// SPDX-License-Identifier: Apache-2.0
//
// Growable containers for text and columns that hold keys: what they free or outgrow is wiped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rekey/secret.h"

namespace rekey::wave {

/// WipingAllocator is std::allocator, but wipes memory before it gives it back.
template <typename T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <typename U>
  WipingAllocator(const WipingAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* data, std::size_t count) {
    wipe({reinterpret_cast<std::uint8_t*>(data), count * sizeof(T)});
    std::allocator<T>().deallocate(data, count);
  }

  template <typename U>
  bool operator==(const WipingAllocator<U>&) const {
    return true;
  }
};

using SecretOctets = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

/// SecretText is wiped where it is longer than the 15 characters a string keeps inside itself: any
/// key written in hex is.
using SecretText = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace rekey::wave
