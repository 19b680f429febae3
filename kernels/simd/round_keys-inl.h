// SPDX-License-Identifier: Apache-2.0
//
// The AES-128 key schedule of a group as it lies in memory.
#if defined(REKEY_SIMD_ROUND_KEYS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_ROUND_KEYS_INL_H_
#undef REKEY_SIMD_ROUND_KEYS_INL_H_
#else
#define REKEY_SIMD_ROUND_KEYS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

inline constexpr std::size_t kRounds = 10;
inline constexpr std::uint8_t kRcon[kRounds] = {1, 2, 4, 8, 16, 32, 64, 128, 27, 54};

/// RoundKeys is the AES-128 key schedule of every lane.
struct RoundKeys {
  Group keys[kRounds + 1];
};

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_ROUND_KEYS_INL_H_
