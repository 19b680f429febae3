// SPDX-License-Identifier: Apache-2.0
//
// Vectors of 16-octet blocks, and groups of them: what the vector code computes with. Compiled once
// for each target (see target_kernels.cpp).
#if defined(REKEY_SIMD_VECTOR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_VECTOR_INL_H_
#undef REKEY_SIMD_VECTOR_INL_H_
#else
#define REKEY_SIMD_VECTOR_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

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
using BlockTag = hn::CappedTag<std::uint8_t, kBlockOctets>;
using Vector = hn::Vec<OctetTag>;

// The vector code is straight-line code: inlined, its loops over the vectors of a group unrolled.
// Not so under a sanitizer, which instruments every access: the compiler would take very long. AES
// alone is left out of line where it is emulated.
#undef REKEY_SIMD_UNROLL
#undef REKEY_SIMD_INLINE
#undef REKEY_SIMD_AES_INLINE
#undef REKEY_SIMD_LAMBDA
#undef REKEY_SIMD_IS_SANITIZED
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || HWY_IS_ASAN || HWY_IS_TSAN
#define REKEY_SIMD_IS_SANITIZED 1
#define REKEY_SIMD_UNROLL
#define REKEY_SIMD_INLINE inline HWY_NOINLINE
#define REKEY_SIMD_LAMBDA HWY_ATTR
#else
#define REKEY_SIMD_IS_SANITIZED 0
#define REKEY_SIMD_UNROLL HWY_UNROLL(16)
#define REKEY_SIMD_INLINE HWY_INLINE
#define REKEY_SIMD_LAMBDA HWY_ATTR __attribute__((always_inline))
#endif
#if HWY_TARGET == HWY_SSSE3
#define REKEY_SIMD_AES_INLINE HWY_NOINLINE
#else
#define REKEY_SIMD_AES_INLINE REKEY_SIMD_INLINE
#endif

/// Calls `f` with the constants 0 to Count - 1, one after the other.
template <typename F, std::size_t... I>
HWY_INLINE void for_constants(F f, std::index_sequence<I...>) {
  (f(std::integral_constant<std::size_t, I>()), ...);
}
template <std::size_t Count, typename F>
HWY_INLINE void for_constants(F f) {
  for_constants(f, std::make_index_sequence<Count>());
}

/// Blocks of a group: AMSs, SAs or messages abreast.
inline constexpr std::size_t kAbreast = 16;
inline constexpr std::size_t kBlocksPerVector = hn::MaxLanes(OctetTag()) / kBlockOctets;
inline constexpr std::size_t kVectors = kAbreast / kBlocksPerVector;

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

REKEY_SIMD_INLINE void set_zero(Group* group) {
  REKEY_SIMD_UNROLL
  for (std::size_t i = 0; i < kVectors; ++i) group->vectors[i] = hn::Zero(OctetTag());
}

REKEY_SIMD_INLINE void xor_into(const Group& from, Group* group) {
  REKEY_SIMD_UNROLL
  for (std::size_t i = 0; i < kVectors; ++i) {
    group->vectors[i] = hn::Xor(group->vectors[i], from.vectors[i]);
  }
}

using Pairs = hn::Vec<DoubleWordTag>;

// The first half of a transposition: words of two blocks by turns, from the lower or upper half.
HWY_INLINE Pairs interleave_lower_words(Vector a, Vector b) {
  const WordTag words;
  return hn::BitCast(DoubleWordTag(),
                     hn::InterleaveLower(words, hn::BitCast(words, a), hn::BitCast(words, b)));
}
HWY_INLINE Pairs interleave_upper_words(Vector a, Vector b) {
  const WordTag words;
  return hn::BitCast(DoubleWordTag(),
                     hn::InterleaveUpper(words, hn::BitCast(words, a), hn::BitCast(words, b)));
}

/// Transposes the four-by-four words of every four blocks in the same place of four vectors: rows
/// in, columns out.
HWY_INLINE void transpose(Vector* row0, Vector* row1, Vector* row2, Vector* row3) {
  const OctetTag octets;
  const DoubleWordTag pairs;
  const Pairs low01 = interleave_lower_words(*row0, *row1);
  const Pairs low23 = interleave_lower_words(*row2, *row3);
  const Pairs high01 = interleave_upper_words(*row0, *row1);
  const Pairs high23 = interleave_upper_words(*row2, *row3);
  *row0 = hn::BitCast(octets, hn::InterleaveLower(pairs, low01, low23));
  *row1 = hn::BitCast(octets, hn::InterleaveUpper(pairs, low01, low23));
  *row2 = hn::BitCast(octets, hn::InterleaveLower(pairs, high01, high23));
  *row3 = hn::BitCast(octets, hn::InterleaveUpper(pairs, high01, high23));
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_VECTOR_INL_H_
