// SPDX-License-Identifier: Apache-2.0
//
// What rows-inl.h promises, for vectors of four blocks: one shuffle (VPERMB), which Highway has no
// operation for, moves the octets of four rows at once. Tested against the portable code by every
// test that compares targets.
#if defined(REKEY_SIMD_ROWS_AVX3_DL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_ROWS_AVX3_DL_INL_H_
#undef REKEY_SIMD_ROWS_AVX3_DL_INL_H_
#else
#define REKEY_SIMD_ROWS_AVX3_DL_INL_H_
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "simd/recipes.h"
#include "simd/vector-inl.h"

#if HWY_TARGET == HWY_AVX3_DL
#include <immintrin.h>

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

static_assert(kBlocksPerVector == 4);
inline constexpr bool kCanStream = true;
inline constexpr std::size_t kVectorOctets = 4 * kBlockOctets;
using VectorIndices = std::array<std::uint8_t, kVectorOctets>;

HWY_INLINE __m512i load_indices(const VectorIndices& indices) {
  return _mm512_loadu_si512(indices.data());
}

HWY_INLINE Vector load_vector(const std::uint8_t* row, std::size_t stride) {
  const auto block = [&](std::size_t i) HWY_ATTR {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + i * stride));
  };
  const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(block(0)), block(1), 1);
  const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(block(2)), block(3), 1);
  return Vector{_mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1)};
}

HWY_INLINE void store_vector(Vector v, std::uint8_t* row, std::size_t stride) {
  const auto block = [&](std::size_t i) { return reinterpret_cast<__m128i*>(row + i * stride); };
  const __m256i low = _mm512_castsi512_si256(v.raw);
  const __m256i high = _mm512_extracti64x4_epi64(v.raw, 1);
  _mm_storeu_si128(block(0), _mm256_castsi256_si128(low));
  _mm_storeu_si128(block(1), _mm256_extracti128_si256(low, 1));
  _mm_storeu_si128(block(2), _mm256_castsi256_si128(high));
  _mm_storeu_si128(block(3), _mm256_extracti128_si256(high, 1));
}

template <const Recipe& R, std::size_t S, std::size_t Width>
HWY_INLINE Vector place_rows(const std::uint8_t* rows, std::size_t v) {
  static_assert(4 * Width <= kVectorOctets / 2, "the upper half of the table is zero");
  static constexpr VectorIndices kIndices = [] {
    VectorIndices indices{};
    for (std::size_t i = 0; i < kVectorOctets; ++i) {
      const std::uint8_t index = R.shuffles[S].indices[i % kBlockOctets];
      const std::size_t row = i / kBlockOctets * Width;
      indices[i] = static_cast<std::uint8_t>(index == kNoOctet ? kVectorOctets - 1 : row + index);
    }
    return indices;
  }();
  const std::uint8_t* from = rows + v * 4 * Width;
  const __m512i table =
      4 * Width <= kBlockOctets
          ? _mm512_zextsi128_si512(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))
          : _mm512_zextsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  return Vector{_mm512_permutexvar_epi8(load_indices(kIndices), table)};
}

/// Stores a vector past the caches where `streams`; `to` is aligned to it then.
HWY_INLINE void store_octets(__m512i octets, std::uint8_t* to, bool streams) {
  if (streams) {
    _mm512_stream_si512(reinterpret_cast<__m512i*>(to), octets);
  } else {
    _mm512_storeu_si512(to, octets);
  }
}

template <std::size_t Offset, std::size_t Octets>
HWY_INLINE void store_rows(Vector blocks, std::uint8_t* rows, std::size_t v, bool streams) {
  std::uint8_t* to = rows + v * 4 * Octets;
  if constexpr (Octets == kBlockOctets) {
    store_octets(blocks.raw, to, streams);
  } else {
    static_assert(4 * Octets <= kVectorOctets / 2);
    static constexpr VectorIndices kIndices = [] {
      VectorIndices indices{};
      for (std::size_t i = 0; i < 4 * Octets; ++i) {
        indices[i] = static_cast<std::uint8_t>(i / Octets * kBlockOctets + Offset + i % Octets);
      }
      return indices;
    }();
    const __m256i packed =
        _mm512_castsi512_si256(_mm512_permutexvar_epi8(load_indices(kIndices), blocks.raw));
    if (4 * Octets == kVectorOctets / 2 || v + 1 < kVectors) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), packed);
    } else {
      _mm256_mask_storeu_epi8(to, static_cast<__mmask32>((std::uint64_t{1} << 4 * Octets) - 1),
                              packed);
    }
  }
}

template <std::size_t Offset>
HWY_INLINE void store_joined_rows(Vector heads, Vector tails, std::uint8_t* rows, std::size_t v) {
  constexpr std::size_t kHead = kBlockOctets - Offset;
  constexpr std::size_t kRow = kHead + kBlockOctets;
  static_assert(4 * kRow >= kVectorOctets && 4 * kRow - kVectorOctets <= kBlockOctets);
  // The first 64 octets; what remains are the last octets of the last tail.
  static constexpr VectorIndices kIndices = [] {
    VectorIndices indices{};
    for (std::size_t i = 0; i < kVectorOctets; ++i) {
      const std::size_t block = i / kRow * kBlockOctets;
      const std::size_t octet = i % kRow;
      indices[i] = static_cast<std::uint8_t>(octet < kHead ? block + Offset + octet
                                                           : kVectorOctets + block + octet - kHead);
    }
    return indices;
  }();
  std::uint8_t* to = rows + v * 4 * kRow;
  _mm512_storeu_si512(to, _mm512_permutex2var_epi8(heads.raw, load_indices(kIndices), tails.raw));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 4 * kRow - kBlockOctets),
                   _mm512_extracti32x4_epi32(tails.raw, 3));
}

HWY_INLINE void store_pairs(Vector first, Vector second, std::uint8_t* rows, std::size_t v,
                            bool streams) {
  alignas(kVectorOctets) static constexpr std::uint64_t kLow[8] = {0, 1, 8, 9, 2, 3, 10, 11};
  alignas(kVectorOctets) static constexpr std::uint64_t kHigh[8] = {4, 5, 12, 13, 6, 7, 14, 15};
  std::uint8_t* to = rows + v * 2 * kVectorOctets;
  store_octets(_mm512_permutex2var_epi64(first.raw, _mm512_load_si512(kLow), second.raw), to,
               streams);
  store_octets(_mm512_permutex2var_epi64(first.raw, _mm512_load_si512(kHigh), second.raw),
               to + kVectorOctets, streams);
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET == HWY_AVX3_DL

#endif  // REKEY_SIMD_ROWS_AVX3_DL_INL_H_
