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

/// Returns the words at `indices`, octet by octet within each block, with AES's S-box applied and
/// `rcon` added to each. AES's last round does it, and shifts rows: indices shift them the other
/// way.
HWY_INLINE Vector substituted(Vector words, const std::uint8_t* indices, std::uint8_t rcon) {
  const OctetTag octets;
  const Vector moved = hn::TableLookupBytes(words, hn::LoadDup128(octets, indices));
  return hn::AESLastRound(moved, hn::BitCast(octets, hn::Set(WordTag(), std::uint32_t{rcon})));
}

/// RoundKeys is the AES-128 key schedule of every lane.
struct RoundKeys {
  Group keys[kRounds + 1];
};

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_ROUND_KEYS_INL_H_
