// SPDX-License-Identifier: Apache-2.0
//
// AES-128 with a key of its own for every 16-octet block of a group of vectors. Compiled once for
// each target (see simd_targets.cpp).
#if defined(REKEY_SIMD_AES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_AES_INL_H_
#undef REKEY_SIMD_AES_INL_H_
#else
#define REKEY_SIMD_AES_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "rekey/octets.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// A vector is as wide as one AES instruction reaches: 64 octets with VAES, 16 otherwise.
#if HWY_TARGET == HWY_AVX3_DL
using OctetTag = hn::ScalableTag<std::uint8_t>;
#else
using OctetTag = hn::CappedTag<std::uint8_t, kBlockOctets>;
#endif
using WordTag = hn::Repartition<std::uint32_t, OctetTag>;
using DoubleWordTag = hn::Repartition<std::uint64_t, OctetTag>;
using Vector = hn::Vec<OctetTag>;

// The vector code is straight-line code: inlined, its loops over the vectors of a group unrolled.
// Not so under a sanitizer, which instruments every access: the compiler would take very long. AES
// alone is left out of line where it is emulated.
#undef REKEY_SIMD_UNROLL
#undef REKEY_SIMD_INLINE
#undef REKEY_SIMD_AES_INLINE
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || HWY_IS_ASAN || HWY_IS_TSAN
#define REKEY_SIMD_UNROLL
#define REKEY_SIMD_INLINE HWY_NOINLINE
#else
#define REKEY_SIMD_UNROLL HWY_UNROLL(8)
#define REKEY_SIMD_INLINE HWY_INLINE
#endif
#if HWY_TARGET == HWY_SSSE3
#define REKEY_SIMD_AES_INLINE HWY_NOINLINE
#else
#define REKEY_SIMD_AES_INLINE REKEY_SIMD_INLINE
#endif

inline constexpr std::size_t kBlocksPerVector = hn::MaxLanes(OctetTag()) / kBlockOctets;
/// Vectors that go through AES together, so that the latency of one hides behind the others. More
/// of the narrow ones are needed, as a core starts two of those in a cycle.
inline constexpr std::size_t kVectors = kBlocksPerVector == 1 ? 8 : 4;
/// Blocks of a group: AMSs, SAs or messages abreast.
inline constexpr std::size_t kAbreast = kVectors * kBlocksPerVector;

inline constexpr std::size_t kRounds = 10;

/// Group is one 16-octet block for each of kAbreast lanes, contiguous in memory.
struct Group {
  Vector vectors[kVectors];

  // An implicit constructor would not be compiled for the target, and could not call that of
  // Highway's NEON vectors.
  HWY_ATTR Group() {}  // NOLINT(modernize-use-equals-default)

  /// The block of one lane.
  [[nodiscard]] std::uint8_t* lane(std::size_t index) {
    return reinterpret_cast<std::uint8_t*>(this) + index * kBlockOctets;
  }
  [[nodiscard]] const std::uint8_t* lane(std::size_t index) const {
    return reinterpret_cast<const std::uint8_t*>(this) + index * kBlockOctets;
  }
};
static_assert(sizeof(Group) == kAbreast * kBlockOctets);

/// RoundKeys is the AES-128 key schedule of every lane.
struct RoundKeys {
  Group keys[kRounds + 1];
};

/// Returns SubWord(RotWord(w3)) ^ rcon in all four columns of each block, w3 being the last column
/// of the round key. As the columns are alike, AES's ShiftRows changes nothing.
HWY_INLINE Vector schedule_core(Vector round_key, std::uint8_t rcon) {
  alignas(kBlockOctets) static constexpr std::uint8_t kRotatedLastColumn[kBlockOctets] = {
      13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12};
  const OctetTag octets;
  const Vector rotated =
      hn::TableLookupBytes(round_key, hn::LoadDup128(octets, kRotatedLastColumn));
  const Vector constant = hn::BitCast(octets, hn::Set(WordTag(), std::uint32_t{rcon}));
  return hn::AESLastRound(rotated, constant);
}

/// Writes the key schedule of every lane; `kin` holds the keys.
REKEY_SIMD_AES_INLINE void expand_keys(const Group& kin, RoundKeys* out_round_keys) {
  static constexpr std::uint8_t kRcon[kRounds] = {1, 2, 4, 8, 16, 32, 64, 128, 27, 54};
  Group key = kin;
  out_round_keys->keys[0] = key;
  for (std::size_t round = 0; round < kRounds; ++round) {
    REKEY_SIMD_UNROLL
    for (std::size_t i = 0; i < kVectors; ++i) {
      Vector v = key.vectors[i];
      const Vector core = schedule_core(v, kRcon[round]);
      // Every column becomes the sum of itself and those before it.
      v = hn::Xor(v, hn::ShiftLeftBytes<4>(v));
      v = hn::Xor(v, hn::ShiftLeftBytes<8>(v));
      key.vectors[i] = hn::Xor(v, core);
    }
    out_round_keys->keys[round + 1] = key;
  }
}

/// Encrypts the block of every lane in place.
REKEY_SIMD_AES_INLINE void encrypt(const RoundKeys& round_keys, Group* blocks) {
  Vector state[kVectors];
  REKEY_SIMD_UNROLL
  for (std::size_t i = 0; i < kVectors; ++i) {
    state[i] = hn::Xor(blocks->vectors[i], round_keys.keys[0].vectors[i]);
  }
  for (std::size_t round = 1; round < kRounds; ++round) {
    REKEY_SIMD_UNROLL
    for (std::size_t i = 0; i < kVectors; ++i) {
      state[i] = hn::AESRound(state[i], round_keys.keys[round].vectors[i]);
    }
  }
  REKEY_SIMD_UNROLL
  for (std::size_t i = 0; i < kVectors; ++i) {
    blocks->vectors[i] = hn::AESLastRound(state[i], round_keys.keys[kRounds].vectors[i]);
  }
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_AES_INL_H_
