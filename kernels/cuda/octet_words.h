// SPDX-License-Identifier: Apache-2.0
//
// Between octets in memory and the little-endian words that the kernels compute with.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "cuda/aes.h"
#include "cuda/host_device.h"
#include "rekey/octets.h"

namespace rekey::cuda {

static_assert(std::endian::native == std::endian::little, "words are stored as they are computed");

/// words_for returns how many words hold `octets` octets.
REKEY_HOST_DEVICE constexpr std::size_t words_for(std::size_t octets) { return (octets + 3) / 4; }

/// column_unit returns the octets moved at once for a column of values `octets` wide, which is also
/// what such a column must be aligned to: 4, 2 or 1.
REKEY_HOST_DEVICE constexpr std::size_t column_unit(std::size_t octets) {
  return octets % 4 == 0 ? 4 : octets % 2 == 0 ? 2 : 1;
}

REKEY_HOST_DEVICE constexpr std::uint32_t swap_octets(std::uint32_t word) {
  return word >> 24 | (word >> 8 & 0x0000ff00U) | (word << 8 & 0x00ff0000U) | word << 24;
}

/// big_endian_16 returns the word whose first two octets are `number`, high octet first.
REKEY_HOST_DEVICE constexpr std::uint32_t big_endian_16(std::uint32_t number) {
  return number >> 8 | (number & 0xffU) << 8;
}

/// load_octets reads one value of a column into words_for(Octets) words; unused high octets are
/// zero.
template <std::size_t Octets>
REKEY_HOST_DEVICE void load_octets(const std::uint8_t* from, std::uint32_t* out_words) {
  constexpr std::size_t kUnit = column_unit(Octets);
  REKEY_UNROLL
  for (std::size_t i = 0; i < Octets; i += kUnit) {
    std::uint32_t unit = 0;
    __builtin_memcpy(&unit, __builtin_assume_aligned(from + i, kUnit), kUnit);
    if (i % 4 == 0) {
      out_words[i / 4] = unit;
    } else {
      out_words[i / 4] |= unit << i % 4 * 8;
    }
  }
}

/// store_octets writes one value of a column.
template <std::size_t Octets>
REKEY_HOST_DEVICE void store_octets(const std::uint32_t* words, std::uint8_t* out_octets) {
  constexpr std::size_t kUnit = column_unit(Octets);
  REKEY_UNROLL
  for (std::size_t i = 0; i < Octets; i += kUnit) {
    const std::uint32_t unit = words[i / 4] >> i % 4 * 8;
    __builtin_memcpy(__builtin_assume_aligned(out_octets + i, kUnit), &unit, kUnit);
  }
}

REKEY_HOST_DEVICE inline Block load_block(const std::uint8_t* from) {
  Block block;
  load_octets<kBlockOctets>(from, block.words);
  return block;
}

REKEY_HOST_DEVICE inline void store_block(const Block& block, std::uint8_t* out_octets) {
  store_octets<kBlockOctets>(block.words, out_octets);
}

/// gather_block reads up to 16 octets that need not be aligned; the rest of the block is zero.
REKEY_HOST_DEVICE inline Block gather_block(const std::uint8_t* from, std::size_t octets) {
  Block block;
  REKEY_UNROLL
  for (std::size_t i = 0; i < kBlockOctets; ++i) {
    if (i < octets) block.words[i / 4] |= std::uint32_t{from[i]} << i % 4 * 8;
  }
  return block;
}

/// padding_from returns a block whose octet `position`, 0 to 15, is 0x80 and all others zero.
REKEY_HOST_DEVICE inline Block padding_from(std::size_t position) {
  Block block;
  REKEY_UNROLL
  for (std::size_t i = 0; i < kBlockOctets; ++i) {
    if (i == position) block.words[i / 4] |= 0x80U << i % 4 * 8;
  }
  return block;
}

}  // namespace rekey::cuda
