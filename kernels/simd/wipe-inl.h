// SPDX-License-Identifier: Apache-2.0
//
// Wipes working memory for key material. rekey::wipe() would take longer than deriving a small
// batch: memset is slow to start.
#if defined(REKEY_SIMD_WIPE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_WIPE_INL_H_
#undef REKEY_SIMD_WIPE_INL_H_
#else
#define REKEY_SIMD_WIPE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

/// Sets every octet of a plain struct to zero in a way the compiler may not remove.
template <typename T>
HWY_INLINE void wipe_object(T* object) {
  static_assert(std::is_trivially_destructible_v<T> && std::is_trivially_copyable_v<T>);
  static_assert(alignof(T) >= sizeof(Vector) && sizeof(T) % sizeof(Vector) == 0);
  auto* octets = reinterpret_cast<std::uint8_t*>(object);
  for (std::size_t i = 0; i < sizeof(T); i += sizeof(Vector)) {
    hn::Store(hn::Zero(OctetTag()), OctetTag(), octets + i);
    // In the loop, or the compiler makes it a memset after all.
    asm volatile("" : : "r"(octets) : "memory");
  }
}

/// Wiped holds a plain struct, uninitialised, and wipes it when it goes out of scope.
template <typename T>
class Wiped {
 public:
  Wiped() {}  // NOLINT(modernize-use-equals-default): `= default` would zero it where asked for {}
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  HWY_ATTR ~Wiped() { wipe_object(&value); }

  T value;
};

/// Overwrites the stack below the caller's frame: what functions that have returned left there
/// beside their wiped working memory, where the compiler spilled vectors. They took less than this.
HWY_NOINLINE void wipe_dead_stack() {
  struct Dead {
    alignas(sizeof(Vector)) std::uint8_t octets[2048];
  };
  Wiped<Dead> dead;
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_WIPE_INL_H_
