// SPDX-License-Identifier: Apache-2.0
//
// Moves rows of columns straight into the blocks of a vector, and out of them. Of adjacent rows,
// vector v of a group takes those of its blocks. (rows_avx3_dl-inl.h does the same with one shuffle
// across all blocks of a wide vector.)
#if defined(REKEY_SIMD_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REKEY_SIMD_ROWS_INL_H_
#undef REKEY_SIMD_ROWS_INL_H_
#else
#define REKEY_SIMD_ROWS_INL_H_
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "simd/recipes.h"
#include "simd/rows_avx3_dl-inl.h"
#include "simd/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

inline constexpr std::size_t kCacheLine = 64;

enum class PrefetchFor : int { kReading = 0, kWriting = 1 };

/// Asks for the cache lines of `Octets` octets.
template <PrefetchFor For, std::size_t Octets>
HWY_INLINE void prefetch_octets(const std::uint8_t* from) {
  REKEY_SIMD_UNROLL
  for (std::size_t i = 0; i < Octets; i += kCacheLine) {
    __builtin_prefetch(from + i, static_cast<int>(For));
  }
}

#if HWY_TARGET != HWY_AVX3_DL

inline constexpr bool kCanStream = false;

/// Loads the 16 octets at `row`, `row + stride` and so on, one block each.
HWY_INLINE Vector load_vector(const std::uint8_t* row, std::size_t /*stride*/) {
  return hn::LoadU(BlockTag(), row);
}

/// Stores the blocks of a vector, 16 octets each, at `row`, `row + stride` and so on.
HWY_INLINE void store_vector(Vector v, std::uint8_t* row, std::size_t /*stride*/) {
  hn::StoreU(v, BlockTag(), row);
}

/// Returns the octets of adjacent rows of `Width` octets, each moved to its place in a block by
/// shuffle S of a recipe. Up to 16 octets are read from the start of each row.
template <const Recipe& R, std::size_t S, std::size_t Width>
HWY_INLINE Vector place_rows(const std::uint8_t* rows, std::size_t v) {
  return hn::TableLookupBytesOr0(hn::LoadU(BlockTag(), rows + v * Width),
                                 hn::LoadDup128(OctetTag(), R.shuffles[S].indices));
}

/// Shuffle indices that bring the octets from `Offset` on to the front.
template <std::size_t Offset>
HWY_INLINE Vector to_front(Vector v) {
  alignas(kBlockOctets) static constexpr auto kIndices = [] {
    std::array<std::uint8_t, kBlockOctets> indices{};
    for (std::size_t i = 0; i < kBlockOctets; ++i) {
      indices[i] = static_cast<std::uint8_t>((i + Offset) % kBlockOctets);
    }
    return indices;
  }();
  return hn::TableLookupBytes(v, hn::LoadDup128(OctetTag(), kIndices.data()));
}

/// Stores octets [Offset, Offset + Octets) of the blocks of vector `v` of a group as adjacent rows.
/// Nothing but the group's rows is touched, if the vectors are stored in their order. Whole blocks
/// go past the caches where `streams`, which only targets that kCanStream do; `rows` is aligned to
/// a cache line then.
template <std::size_t Offset, std::size_t Octets>
HWY_INLINE void store_rows(Vector blocks, std::uint8_t* rows, std::size_t v, bool /*streams*/) {
  if constexpr (Octets == kBlockOctets) {
    hn::StoreU(blocks, BlockTag(), rows + v * kBlockOctets);
  } else {
    static_assert(Octets <= kBlockOctets / 2);
    const hn::CappedTag<std::uint8_t, kBlockOctets / 2> half;
    const Vector front = to_front<Offset>(blocks);
    if (Octets == kBlockOctets / 2 || v + 1 < kVectors) {
      // A row overwrites what the one before left behind its own octets.
      hn::StoreU(hn::LowerHalf(half, front), half, rows + v * Octets);
    } else {
      alignas(kBlockOctets) std::uint8_t last[kBlockOctets];
      hn::Store(front, BlockTag(), last);
      std::memcpy(rows + v * Octets, last, Octets);
    }
  }
}

/// Stores the octets from `Offset` on of the blocks of `heads`, followed by those of `tails`, as
/// adjacent rows.
template <std::size_t Offset>
HWY_INLINE void store_joined_rows(Vector heads, Vector tails, std::uint8_t* rows, std::size_t v) {
  constexpr std::size_t kHead = kBlockOctets - Offset;
  std::uint8_t* row = rows + v * (kHead + kBlockOctets);
  // The tail overwrites what the head leaves behind its own octets.
  hn::StoreU(to_front<Offset>(heads), BlockTag(), row);
  hn::StoreU(tails, BlockTag(), row + kHead);
}

/// Stores the blocks of `first` and `second` by turns, 32 octets a row; past the caches where
/// `streams`, as store_rows() does.
HWY_INLINE void store_pairs(Vector first, Vector second, std::uint8_t* rows, std::size_t v,
                            bool /*streams*/) {
  hn::StoreU(first, BlockTag(), rows + v * 2 * kBlockOctets);
  hn::StoreU(second, BlockTag(), rows + v * 2 * kBlockOctets + kBlockOctets);
}

#endif  // HWY_TARGET != HWY_AVX3_DL

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // REKEY_SIMD_ROWS_INL_H_
