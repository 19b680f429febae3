// SPDX-License-Identifier: Apache-2.0
//
// AES-128 without tables, branches or addresses that depend on data: bitsliced, eight blocks
// abreast in 32 registers, each block under a key of its own.
//
// Rows of the state (FIPS 197, section 3.4) and bits of an octet have registers of their own: bit b
// of the octet in row r and column c of block k is bit 8 c + k of rows[r][b]. So ShiftRows rotates
// registers by whole octets, MixColumns moves nothing at all, and the key schedule substitutes the
// last columns of all eight keys at once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/host_device.h"

#ifdef __CUDACC__
#include <vector_types.h>
#endif

namespace rekey::cuda {

/// How many blocks go through the cipher together.
inline constexpr std::size_t kAbreast = 8;

/// Block is 16 octets as four little-endian words: octet i is bits 8 (i % 4) up of word i / 4.
struct alignas(16) Block {
  std::uint32_t words[4] = {};
};

/// Blocks are what goes through the cipher together, one block a lane.
struct Blocks {
  Block lanes[kAbreast];
};

/// Bits is eight blocks, bitsliced.
struct alignas(16) Bits {
  std::uint32_t rows[4][8];
};

/// load_bits and store_bits move 16 octets at a time.
REKEY_HOST_DEVICE inline Bits load_bits(const Bits& from) {
#ifdef __CUDA_ARCH__
  Bits bits;
  REKEY_UNROLL
  for (int row = 0; row < 4; ++row) {
    REKEY_UNROLL
    for (int i = 0; i < 8; i += 4) {
      const uint4 quad = *reinterpret_cast<const uint4*>(&from.rows[row][i]);
      bits.rows[row][i] = quad.x;
      bits.rows[row][i + 1] = quad.y;
      bits.rows[row][i + 2] = quad.z;
      bits.rows[row][i + 3] = quad.w;
    }
  }
  return bits;
#else
  return from;
#endif
}
REKEY_HOST_DEVICE inline void store_bits(const Bits& bits, Bits* to) {
#ifdef __CUDA_ARCH__
  REKEY_UNROLL
  for (int row = 0; row < 4; ++row) {
    REKEY_UNROLL
    for (int i = 0; i < 8; i += 4) {
      *reinterpret_cast<uint4*>(&to->rows[row][i]) = {bits.rows[row][i], bits.rows[row][i + 1],
                                                      bits.rows[row][i + 2], bits.rows[row][i + 3]};
    }
  }
#else
  *to = bits;
#endif
}

inline constexpr int kRounds = 10;

/// KeySchedule is the bitsliced round keys of eight AES-128 keys. It does not fit a thread's
/// registers: whoever owns it wipes its memory.
struct KeySchedule {
  Bits round_keys[kRounds + 1];
};

/// rotate_right rotates by 8, 16 or 24 bits.
REKEY_HOST_DEVICE constexpr std::uint32_t rotate_right(std::uint32_t word, int bits) {
  return word >> bits | word << (32 - bits);
}

/// pick_octets returns the word whose octet i is octet number (selector >> 4 i) % 8 of
/// `low` | `high`, the least significant first.
REKEY_HOST_DEVICE inline std::uint32_t pick_octets(std::uint32_t low, std::uint32_t high,
                                                   std::uint32_t selector) {
#ifdef __CUDA_ARCH__
  return __byte_perm(low, high, selector);
#else
  const std::uint64_t octets = std::uint64_t{high} << 32 | low;
  std::uint32_t picked = 0;
  for (int i = 0; i < 4; ++i) {
    picked |= static_cast<std::uint32_t>(octets >> 8 * (selector >> 4 * i & 7) & 0xff) << 8 * i;
  }
  return picked;
#endif
}

namespace internal {

/// Swaps the bits of `high` that `mask` selects with the bits of `low` that stand `shift` higher.
REKEY_HOST_DEVICE inline void swap_bits(std::uint32_t& low, std::uint32_t& high, int shift,
                                        std::uint32_t mask) {
  const std::uint32_t new_high = (high & ~mask) | (low >> shift & mask);
  low = (low & ~(mask << shift)) | (high << shift & mask << shift);
  high = new_high;
}

/// Transposes the 8x8 bit matrix in each octet lane of the registers. Its own inverse.
REKEY_HOST_DEVICE inline void transpose(std::uint32_t (&q)[8]) {
  REKEY_UNROLL
  for (int i = 0; i < 8; i += 2) swap_bits(q[i], q[i + 1], 1, 0x55555555U);
  REKEY_UNROLL
  for (int i = 0; i < 8; i += 4) {
    swap_bits(q[i], q[i + 2], 2, 0x33333333U);
    swap_bits(q[i + 1], q[i + 3], 2, 0x33333333U);
  }
  REKEY_UNROLL
  for (int i = 0; i < 4; ++i) swap_bits(q[i], q[i + 4], 4, 0x0f0f0f0fU);
}

/// Transposes the 4x4 matrix of octets whose rows are the words. Its own inverse.
REKEY_HOST_DEVICE inline void transpose_octets(std::uint32_t (&words)[4]) {
  const std::uint32_t even_low = pick_octets(words[0], words[1], 0x6240);
  const std::uint32_t odd_low = pick_octets(words[0], words[1], 0x7351);
  const std::uint32_t even_high = pick_octets(words[2], words[3], 0x6240);
  const std::uint32_t odd_high = pick_octets(words[2], words[3], 0x7351);
  words[0] = pick_octets(even_low, even_high, 0x5410);
  words[1] = pick_octets(odd_low, odd_high, 0x5410);
  words[2] = pick_octets(even_low, even_high, 0x7632);
  words[3] = pick_octets(odd_low, odd_high, 0x7632);
}

/// lut computes any function of three bits, in all bits of its words at once: bit 4 a + 2 b + c of
/// `Table` is its value for a, b and c. On a device it is one instruction.
template <std::uint8_t Table>
REKEY_HOST_DEVICE inline std::uint32_t lut(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
#ifdef __CUDA_ARCH__
  std::uint32_t result;
  asm("lop3.b32 %0, %1, %2, %3, %4;" : "=r"(result) : "r"(a), "r"(b), "r"(c), "n"(Table));
  return result;
#else
  std::uint32_t result = 0;
  if constexpr (Table & 0x01) result |= ~a & ~b & ~c;
  if constexpr (Table & 0x02) result |= ~a & ~b & c;
  if constexpr (Table & 0x04) result |= ~a & b & ~c;
  if constexpr (Table & 0x08) result |= ~a & b & c;
  if constexpr (Table & 0x10) result |= a & ~b & ~c;
  if constexpr (Table & 0x20) result |= a & ~b & c;
  if constexpr (Table & 0x40) result |= a & b & ~c;
  if constexpr (Table & 0x80) result |= a & b & c;
  return result;
#endif
}

/// SubBytes on one row of all blocks, in 67 functions of three bits: a circuit that a search by
/// resubstitution found from the one of Boyar and Peralta, "A new combinational logic minimization
/// technique with applications to cryptology" (2010). x0 is the most significant bit.
REKEY_HOST_DEVICE inline void sub_bytes(std::uint32_t (&q)[8]) {
  const std::uint32_t x0 = q[7], x1 = q[6], x2 = q[5], x3 = q[4];
  const std::uint32_t x4 = q[3], x5 = q[2], x6 = q[1], x7 = q[0];
  const std::uint32_t t0 = lut<0x3c>(x0, x5, x7);
  const std::uint32_t t1 = lut<0x69>(x7, x1, x2);
  const std::uint32_t t2 = lut<0x66>(t1, x3, x5);
  const std::uint32_t t3 = lut<0x69>(x2, x3, t0);
  const std::uint32_t t4 = lut<0x69>(t3, x2, x6);
  const std::uint32_t t5 = lut<0xc6>(x7, x5, t4);
  const std::uint32_t t6 = lut<0x5a>(t4, x6, t2);
  const std::uint32_t t7 = lut<0x69>(x5, t4, x4);
  const std::uint32_t t8 = lut<0x5a>(t7, t4, t3);
  const std::uint32_t t9 = lut<0xa9>(t6, t8, x6);
  const std::uint32_t t10 = lut<0x96>(x1, x2, t8);
  const std::uint32_t t11 = lut<0x48>(x3, t10, x0);
  const std::uint32_t t12 = lut<0xc9>(t2, t11, t3);
  const std::uint32_t t13 = lut<0xa5>(t10, t4, t3);
  const std::uint32_t t14 = lut<0x7e>(t1, x0, t8);
  const std::uint32_t t15 = lut<0x3c>(t13, t1, t12);
  const std::uint32_t t16 = lut<0x96>(t15, t13, x6);
  const std::uint32_t t17 = lut<0xa6>(x6, t16, t9);
  const std::uint32_t t18 = lut<0x69>(t3, t12, t17);
  const std::uint32_t t19 = lut<0x87>(t11, t0, t13);
  const std::uint32_t t20 = lut<0x84>(t16, t7, t0);
  const std::uint32_t t21 = lut<0x69>(t9, t19, t14);
  const std::uint32_t t22 = lut<0x69>(t16, t0, t4);
  const std::uint32_t t23 = lut<0xa9>(t15, t22, t16);
  const std::uint32_t t24 = lut<0x69>(t5, t23, t12);
  const std::uint32_t t25 = lut<0x96>(t20, t1, t23);
  const std::uint32_t t26 = lut<0x6a>(t18, t24, t21);
  const std::uint32_t t27 = lut<0x69>(t25, t19, t26);
  const std::uint32_t t28 = lut<0xb8>(t27, t26, t24);
  const std::uint32_t t29 = lut<0x60>(t28, t10, x7);
  const std::uint32_t t30 = lut<0xe8>(t21, t27, t18);
  const std::uint32_t t31 = lut<0x84>(t16, t28, t6);
  const std::uint32_t t32 = lut<0x87>(t18, t30, t28);
  const std::uint32_t t33 = lut<0x1c>(t21, t32, t24);
  const std::uint32_t t34 = lut<0x41>(t30, t33, t7);
  const std::uint32_t t35 = lut<0x82>(t33, t30, t4);
  const std::uint32_t t36 = lut<0x96>(t27, t32, t24);
  const std::uint32_t t37 = lut<0x9a>(t2, t36, t0);
  const std::uint32_t t38 = lut<0x09>(t33, t16, t0);
  const std::uint32_t t39 = lut<0x87>(t38, t30, t22);
  const std::uint32_t t40 = lut<0x3c>(t33, t36, t29);
  const std::uint32_t t41 = lut<0x60>(t8, t40, t28);
  const std::uint32_t t42 = lut<0xb4>(t29, t40, t16);
  const std::uint32_t t43 = lut<0x28>(t28, t40, t6);
  const std::uint32_t t44 = lut<0xa5>(t30, t37, t28);
  const std::uint32_t t45 = lut<0x14>(t44, t36, t3);
  const std::uint32_t t46 = lut<0x39>(t44, t45, t10);
  const std::uint32_t t47 = lut<0x6a>(t0, t44, t37);
  const std::uint32_t t48 = lut<0x9a>(t13, t36, t45);
  const std::uint32_t t49 = lut<0x59>(t1, t40, t47);
  const std::uint32_t t50 = lut<0x69>(t49, t35, t38);
  const std::uint32_t t51 = lut<0x1e>(t50, t33, t15);
  const std::uint32_t t52 = lut<0x93>(x7, t51, t30);
  const std::uint32_t t53 = lut<0x69>(t50, t46, t41);
  const std::uint32_t t54 = lut<0x69>(t41, t34, t51);
  const std::uint32_t t55 = lut<0xd2>(t53, t1, t40);
  const std::uint32_t t56 = lut<0x69>(t43, t52, t54);
  const std::uint32_t t57 = lut<0x96>(t42, t56, t47);
  const std::uint32_t t58 = lut<0xc3>(t48, t49, x3);
  const std::uint32_t t59 = lut<0x69>(t43, t42, t58);
  const std::uint32_t t60 = lut<0x69>(t31, t56, t58);
  const std::uint32_t t61 = lut<0x3c>(t52, t29, t10);
  const std::uint32_t t62 = lut<0x69>(t50, t54, t55);
  const std::uint32_t t63 = lut<0x96>(t60, t62, t54);
  const std::uint32_t t64 = lut<0x63>(t2, t63, t44);
  const std::uint32_t t65 = lut<0x59>(t36, t37, t64);
  const std::uint32_t t66 = lut<0xc3>(t60, t39, t8);
  q[0] = t57;
  q[1] = t59;
  q[2] = t66;
  q[3] = t61;
  q[4] = t54;
  q[5] = t65;
  q[6] = t62;
  q[7] = t53;
}

/// Row r rotates left by r columns.
REKEY_HOST_DEVICE inline void shift_rows(Bits& state) {
  REKEY_UNROLL
  for (int row = 1; row < 4; ++row) {
    REKEY_UNROLL
    for (int i = 0; i < 8; ++i) state.rows[row][i] = rotate_right(state.rows[row][i], 8 * row);
  }
}

REKEY_HOST_DEVICE inline void add(Bits& state, const Bits& in_memory) {
  const Bits other = load_bits(in_memory);
  REKEY_UNROLL
  for (int row = 0; row < 4; ++row) {
    REKEY_UNROLL
    for (int i = 0; i < 8; ++i) state.rows[row][i] ^= other.rows[row][i];
  }
}

/// With a the octet in row r and b the one below it, row r becomes 2 (a ^ b) ^ b ^ (the sum of the
/// two rows further down).
REKEY_HOST_DEVICE inline void mix_columns(Bits& state) {
  Bits sum;
  REKEY_UNROLL
  for (int row = 0; row < 4; ++row) {
    REKEY_UNROLL
    for (int i = 0; i < 8; ++i)
      sum.rows[row][i] = state.rows[row][i] ^ state.rows[(row + 1) % 4][i];
  }
  Bits mixed;
  REKEY_UNROLL
  for (int row = 0; row < 4; ++row) {
    REKEY_UNROLL
    for (int i = 0; i < 8; ++i) {
      std::uint32_t bit = state.rows[(row + 1) % 4][i] ^ sum.rows[(row + 2) % 4][i];
      bit ^= sum.rows[row][(i + 7) % 8];
      // Doubling reduces by x^4 + x^3 + x + 1.
      if (i == 1 || i == 3 || i == 4) bit ^= sum.rows[row][7];
      mixed.rows[row][i] = bit;
    }
  }
  state = mixed;
}

REKEY_HOST_DEVICE inline void sub_bytes(Bits& state) {
  REKEY_UNROLL
  for (int row = 0; row < 4; ++row) sub_bytes(state.rows[row]);
}

}  // namespace internal

/// slice bitslices eight blocks and adds them to the state.
REKEY_HOST_DEVICE_NOINLINE inline void slice_onto(const Blocks& blocks, Bits* state) {
  Bits bits;
  REKEY_UNROLL
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    Block block = blocks.lanes[lane];
    internal::transpose_octets(block.words);
    REKEY_UNROLL
    for (int row = 0; row < 4; ++row) bits.rows[row][lane] = block.words[row];
  }
  REKEY_UNROLL
  for (int row = 0; row < 4; ++row) internal::transpose(bits.rows[row]);
  internal::add(bits, *state);
  store_bits(bits, state);
}

/// unslice is the way back.
REKEY_HOST_DEVICE_NOINLINE inline void unslice(const Bits& state, Blocks* out_blocks) {
  Bits bits = load_bits(state);
  REKEY_UNROLL
  for (int row = 0; row < 4; ++row) internal::transpose(bits.rows[row]);
  REKEY_UNROLL
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    Block block;
    REKEY_UNROLL
    for (int row = 0; row < 4; ++row) block.words[row] = bits.rows[row][lane];
    internal::transpose_octets(block.words);
    out_blocks->lanes[lane] = block;
  }
}

/// expand_keys computes the round keys of eight keys (FIPS 197, section 5.2) with the cipher's own
/// S-box circuit.
REKEY_HOST_DEVICE_NOINLINE inline void expand_keys(const Bits& keys, KeySchedule* out_schedule) {
  Bits bits = load_bits(keys);
  store_bits(bits, &out_schedule->round_keys[0]);
  std::uint32_t round_constant = 1;
  REKEY_NO_UNROLL
  for (int round = 1; round <= kRounds; ++round) {
    // RotWord: octet r of the word is the last column's octet in the row below r.
    std::uint32_t word[8];
    REKEY_UNROLL
    for (int i = 0; i < 8; ++i) {
      word[i] = pick_octets(pick_octets(bits.rows[1][i], bits.rows[2][i], 0x7373),
                            pick_octets(bits.rows[3][i], bits.rows[0][i], 0x7373), 0x5410);
    }
    internal::sub_bytes(word);
    REKEY_UNROLL
    for (int i = 0; i < 8; ++i) {
      word[i] ^= (round_constant >> i & 1) * 0xffU;
      REKEY_UNROLL
      for (int row = 0; row < 4; ++row) {
        // Every column takes the word and the sum of all columns before it.
        std::uint32_t& columns = bits.rows[row][i];
        const std::uint32_t in_all_columns = pick_octets(word[i], 0, row * 0x1111U);
        columns ^= columns << 8;
        columns ^= columns << 16 ^ in_all_columns;
      }
    }
    store_bits(bits, &out_schedule->round_keys[round]);
    round_constant = round_constant << 1 ^ (round_constant >> 7) * 0x11bU;
  }
}

/// encrypt enciphers the state, each block under its own key.
REKEY_HOST_DEVICE_NOINLINE inline void encrypt(const KeySchedule& schedule, Bits* state) {
  Bits bits = load_bits(*state);
  internal::add(bits, schedule.round_keys[0]);
  REKEY_NO_UNROLL
  for (int round = 1; round < kRounds; ++round) {
    internal::sub_bytes(bits);
    internal::shift_rows(bits);
    internal::mix_columns(bits);
    internal::add(bits, schedule.round_keys[round]);
  }
  internal::sub_bytes(bits);
  internal::shift_rows(bits);
  internal::add(bits, schedule.round_keys[kRounds]);
  store_bits(bits, state);
}

}  // namespace rekey::cuda
