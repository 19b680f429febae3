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

/// column_unit returns the octets moved at once for a column of values `octets` wide: 16, 8, 4, 2
/// or 1. Columns are aligned to it.
REKEY_HOST_DEVICE constexpr std::size_t column_unit(std::size_t octets) {
  std::size_t unit = kBlockOctets;
  while (octets % unit != 0) unit /= 2;
  return unit;
}

/// big_endian_16 returns the word whose first two octets are `number`, high octet first.
REKEY_HOST_DEVICE constexpr std::uint32_t big_endian_16(std::uint32_t number) {
  return number >> 8 | (number & 0xffU) << 8;
}

namespace internal {

/// Copies one unit of a word or more between a column and words.
template <std::size_t Octets>
REKEY_HOST_DEVICE void move_unit(const void* from, void* to) {
#ifdef __CUDA_ARCH__
  if constexpr (Octets == 16) {
    *static_cast<uint4*>(to) = *static_cast<const uint4*>(from);
  } else if constexpr (Octets == 8) {
    *static_cast<uint2*>(to) = *static_cast<const uint2*>(from);
  } else {
    *static_cast<std::uint32_t*>(to) = *static_cast<const std::uint32_t*>(from);
  }
#else
  __builtin_memcpy(__builtin_assume_aligned(to, Octets), __builtin_assume_aligned(from, Octets),
                   Octets);
#endif
}

}  // namespace internal

/// load_octets reads `Octets` octets of a column, aligned to `Unit`, into words_for(Octets) words,
/// which are aligned to 16 octets; unused high octets are zero.
template <std::size_t Octets, std::size_t Unit = column_unit(Octets)>
REKEY_HOST_DEVICE void load_octets(const std::uint8_t* from, std::uint32_t* out_words) {
  static_assert(Octets % Unit == 0);
  if constexpr (Unit >= 4) {
    REKEY_UNROLL
    for (std::size_t i = 0; i < Octets; i += Unit) {
      internal::move_unit<Unit>(from + i, out_words + i / 4);
    }
  } else {
    REKEY_UNROLL
    for (std::size_t i = 0; i < words_for(Octets); ++i) out_words[i] = 0;
    REKEY_UNROLL
    for (std::size_t i = 0; i < Octets; i += Unit) {
      std::uint32_t unit = 0;
      __builtin_memcpy(&unit, __builtin_assume_aligned(from + i, Unit), Unit);
      out_words[i / 4] |= unit << i % 4 * 8;
    }
  }
}

/// store_octets writes `Octets` octets to a column, aligned to `Unit`. Where a unit is more than a
/// word, the words are aligned to it.
template <std::size_t Octets, std::size_t Unit = column_unit(Octets)>
REKEY_HOST_DEVICE void store_octets(const std::uint32_t* words, std::uint8_t* out_octets) {
  static_assert(Octets % Unit == 0);
  REKEY_UNROLL
  for (std::size_t i = 0; i < Octets; i += Unit) {
    if constexpr (Unit >= 4) {
      internal::move_unit<Unit>(words + i / 4, out_octets + i);
    } else {
      const std::uint32_t unit = words[i / 4] >> i % 4 * 8;
      __builtin_memcpy(__builtin_assume_aligned(out_octets + i, Unit), &unit, Unit);
    }
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

/// pad_word returns a word of a block of which `octets` octets of message are left from this word
/// on; negative where they ended before it.
REKEY_HOST_DEVICE constexpr std::uint32_t pad_word(std::uint32_t word, int octets) {
  if (octets >= 4) return word;
  if (octets < 0) return 0;
  return (word & ((1U << 8 * octets) - 1)) | 0x80U << 8 * octets;
}

/// gather_block reads a block of a message that has `octets` octets left, which need not be
/// aligned, and pads it when it is not complete. It reads whole aligned words, so up to three
/// octets beside the message.
REKEY_HOST_DEVICE inline Block gather_block(const std::uint8_t* from, std::size_t octets) {
  const auto skipped = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(from) % 4);
  const std::uint32_t taken =
      octets < kBlockOctets ? static_cast<std::uint32_t>(octets) : kBlockOctets;
  const std::uint8_t* aligned = from - skipped;
  std::uint32_t words[kBlockOctets / 4 + 1];
  REKEY_UNROLL
  for (std::size_t i = 0; i < kBlockOctets / 4 + 1; ++i) {
    words[i] = 0;
    if (i * 4 < skipped + taken) internal::move_unit<4>(aligned + i * 4, &words[i]);
  }
  Block block;
  REKEY_UNROLL
  for (std::uint32_t i = 0; i < kBlockOctets / 4; ++i) {
    const std::uint64_t two = std::uint64_t{words[i + 1]} << 32 | words[i];
    block.words[i] = pad_word(static_cast<std::uint32_t>(two >> 8 * skipped),
                              static_cast<int>(taken) - static_cast<int>(i * 4));
  }
  return block;
}

/// wipe_words zeroes memory that held keys in a way that no compiler leaves out. Address and length
/// are multiples of 16 octets.
REKEY_HOST_DEVICE_NOINLINE inline void wipe_words(void* memory, std::size_t octets) {
  auto* words = static_cast<volatile std::uint64_t*>(memory);
  for (std::size_t i = 0; i < octets / sizeof(*words); ++i) words[i] = 0;
}

}  // namespace rekey::cuda
