// SPDX-License-Identifier: Apache-2.0
//
// AES-128 without tables, branches or addresses that depend on data: bitsliced, two blocks abreast
// in eight 32-bit registers.
//
// Register b holds bit b of all 32 octets of the two blocks. The octet in row r and column c of
// block k (FIPS 197, section 3.4) is at bit 8 r + 2 c + k: a row is an octet of the register, so
// MixColumns rotates registers by whole octets and ShiftRows rotates octets in place.
#pragma once

#include <cstdint>

#include "cuda/host_device.h"

namespace rekey::cuda {

/// Block is 16 octets as four little-endian words: octet i is bits 8 (i % 4) up of word i / 4.
struct Block {
  std::uint32_t words[4] = {};
};

/// BlockPair is what goes through the cipher together.
struct BlockPair {
  Block first, second;
};

inline constexpr int kRounds = 10;

/// KeySchedule is the bitsliced round keys of one AES-128 key. Both blocks of a pair run under the
/// same key, so that in each register bits 2 c and 2 c + 1 are equal: a word holds two registers.
/// It is too large for a thread's registers, and so is wiped from memory when destroyed.
struct KeySchedule {
  KeySchedule() = default;
  KeySchedule(const KeySchedule&) = delete;
  KeySchedule& operator=(const KeySchedule&) = delete;
  REKEY_HOST_DEVICE ~KeySchedule() {
    for (auto& round_key : round_keys) {
      for (volatile std::uint32_t& word : round_key) word = 0;
    }
  }

  std::uint32_t round_keys[kRounds + 1][4];
};

/// Bits is the bitsliced state.
struct Bits {
  std::uint32_t registers[8];
};

/// rotate_right rotates by 1 to 31 bits.
REKEY_HOST_DEVICE constexpr std::uint32_t rotate_right(std::uint32_t word, int bits) {
  return word >> bits | word << (32 - bits);
}

namespace internal {

/// Swaps the bits of `high` that `mask` selects with the bits of `low` that stand `shift` higher.
REKEY_HOST_DEVICE inline void swap_bits(std::uint32_t& low, std::uint32_t& high, int shift,
                                        std::uint32_t mask) {
  const std::uint32_t difference = (low >> shift ^ high) & mask;
  high ^= difference;
  low ^= difference << shift;
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

REKEY_HOST_DEVICE inline Bits slice(const BlockPair& pair) {
  Bits bits;
  REKEY_UNROLL
  for (int column = 0; column < 4; ++column) {
    bits.registers[2 * column] = pair.first.words[column];
    bits.registers[2 * column + 1] = pair.second.words[column];
  }
  transpose(bits.registers);
  return bits;
}

REKEY_HOST_DEVICE inline BlockPair unslice(Bits bits) {
  transpose(bits.registers);
  BlockPair pair;
  REKEY_UNROLL
  for (int column = 0; column < 4; ++column) {
    pair.first.words[column] = bits.registers[2 * column];
    pair.second.words[column] = bits.registers[2 * column + 1];
  }
  return pair;
}

/// SubBytes on all 32 octets: the circuit of Boyar and Peralta, "A new combinational logic
/// minimization technique with applications to cryptology" (2010). The names are theirs; x0 and s0
/// are the most significant bits.
REKEY_HOST_DEVICE inline void sub_bytes(std::uint32_t (&q)[8]) {
  const std::uint32_t x0 = q[7], x1 = q[6], x2 = q[5], x3 = q[4];
  const std::uint32_t x4 = q[3], x5 = q[2], x6 = q[1], x7 = q[0];

  const std::uint32_t y14 = x3 ^ x5;
  const std::uint32_t y13 = x0 ^ x6;
  const std::uint32_t y9 = x0 ^ x3;
  const std::uint32_t y8 = x0 ^ x5;
  const std::uint32_t t0 = x1 ^ x2;
  const std::uint32_t y1 = t0 ^ x7;
  const std::uint32_t y4 = y1 ^ x3;
  const std::uint32_t y12 = y13 ^ y14;
  const std::uint32_t y2 = y1 ^ x0;
  const std::uint32_t y5 = y1 ^ x6;
  const std::uint32_t y3 = y5 ^ y8;
  const std::uint32_t t1 = x4 ^ y12;
  const std::uint32_t y15 = t1 ^ x5;
  const std::uint32_t y20 = t1 ^ x1;
  const std::uint32_t y6 = y15 ^ x7;
  const std::uint32_t y10 = y15 ^ t0;
  const std::uint32_t y11 = y20 ^ y9;
  const std::uint32_t y7 = x7 ^ y11;
  const std::uint32_t y17 = y10 ^ y11;
  const std::uint32_t y19 = y10 ^ y8;
  const std::uint32_t y16 = t0 ^ y11;
  const std::uint32_t y21 = y13 ^ y16;
  const std::uint32_t y18 = x0 ^ y16;

  const std::uint32_t t2 = y12 & y15;
  const std::uint32_t t3 = y3 & y6;
  const std::uint32_t t4 = t3 ^ t2;
  const std::uint32_t t5 = y4 & x7;
  const std::uint32_t t6 = t5 ^ t2;
  const std::uint32_t t7 = y13 & y16;
  const std::uint32_t t8 = y5 & y1;
  const std::uint32_t t9 = t8 ^ t7;
  const std::uint32_t t10 = y2 & y7;
  const std::uint32_t t11 = t10 ^ t7;
  const std::uint32_t t12 = y9 & y11;
  const std::uint32_t t13 = y14 & y17;
  const std::uint32_t t14 = t13 ^ t12;
  const std::uint32_t t15 = y8 & y10;
  const std::uint32_t t16 = t15 ^ t12;
  const std::uint32_t t17 = t4 ^ t14;
  const std::uint32_t t18 = t6 ^ t16;
  const std::uint32_t t19 = t9 ^ t14;
  const std::uint32_t t20 = t11 ^ t16;
  const std::uint32_t t21 = t17 ^ y20;
  const std::uint32_t t22 = t18 ^ y19;
  const std::uint32_t t23 = t19 ^ y21;
  const std::uint32_t t24 = t20 ^ y18;
  const std::uint32_t t25 = t21 ^ t22;
  const std::uint32_t t26 = t21 & t23;
  const std::uint32_t t27 = t24 ^ t26;
  const std::uint32_t t28 = t25 & t27;
  const std::uint32_t t29 = t28 ^ t22;
  const std::uint32_t t30 = t23 ^ t24;
  const std::uint32_t t31 = t22 ^ t26;
  const std::uint32_t t32 = t31 & t30;
  const std::uint32_t t33 = t32 ^ t24;
  const std::uint32_t t34 = t23 ^ t33;
  const std::uint32_t t35 = t27 ^ t33;
  const std::uint32_t t36 = t24 & t35;
  const std::uint32_t t37 = t36 ^ t34;
  const std::uint32_t t38 = t27 ^ t36;
  const std::uint32_t t39 = t29 & t38;
  const std::uint32_t t40 = t25 ^ t39;
  const std::uint32_t t41 = t40 ^ t37;
  const std::uint32_t t42 = t29 ^ t33;
  const std::uint32_t t43 = t29 ^ t40;
  const std::uint32_t t44 = t33 ^ t37;
  const std::uint32_t t45 = t42 ^ t41;
  const std::uint32_t z0 = t44 & y15;
  const std::uint32_t z1 = t37 & y6;
  const std::uint32_t z2 = t33 & x7;
  const std::uint32_t z3 = t43 & y16;
  const std::uint32_t z4 = t40 & y1;
  const std::uint32_t z5 = t29 & y7;
  const std::uint32_t z6 = t42 & y11;
  const std::uint32_t z7 = t45 & y17;
  const std::uint32_t z8 = t41 & y10;
  const std::uint32_t z9 = t44 & y12;
  const std::uint32_t z10 = t37 & y3;
  const std::uint32_t z11 = t33 & y4;
  const std::uint32_t z12 = t43 & y13;
  const std::uint32_t z13 = t40 & y5;
  const std::uint32_t z14 = t29 & y2;
  const std::uint32_t z15 = t42 & y9;
  const std::uint32_t z16 = t45 & y14;
  const std::uint32_t z17 = t41 & y8;

  const std::uint32_t t46 = z15 ^ z16;
  const std::uint32_t t47 = z10 ^ z11;
  const std::uint32_t t48 = z5 ^ z13;
  const std::uint32_t t49 = z9 ^ z10;
  const std::uint32_t t50 = z2 ^ z12;
  const std::uint32_t t51 = z2 ^ z5;
  const std::uint32_t t52 = z7 ^ z8;
  const std::uint32_t t53 = z0 ^ z3;
  const std::uint32_t t54 = z6 ^ z7;
  const std::uint32_t t55 = z16 ^ z17;
  const std::uint32_t t56 = z12 ^ t48;
  const std::uint32_t t57 = t50 ^ t53;
  const std::uint32_t t58 = z4 ^ t46;
  const std::uint32_t t59 = z3 ^ t54;
  const std::uint32_t t60 = t46 ^ t57;
  const std::uint32_t t61 = z14 ^ t57;
  const std::uint32_t t62 = t52 ^ t58;
  const std::uint32_t t63 = t49 ^ t58;
  const std::uint32_t t64 = z4 ^ t59;
  const std::uint32_t t65 = t61 ^ t62;
  const std::uint32_t t66 = z1 ^ t63;
  const std::uint32_t t67 = t64 ^ t65;
  const std::uint32_t s3 = t53 ^ t66;
  q[7] = t59 ^ t63;
  q[6] = t64 ^ ~s3;
  q[5] = t55 ^ ~t67;
  q[4] = s3;
  q[3] = t51 ^ t66;
  q[2] = t47 ^ t65;
  q[1] = t56 ^ ~t62;
  q[0] = t48 ^ ~t60;
}

/// Row r rotates left by r columns: its octet rotates right by 2 r bits.
REKEY_HOST_DEVICE inline void shift_rows(std::uint32_t (&q)[8]) {
  REKEY_UNROLL
  for (int i = 0; i < 8; ++i) {
    const std::uint32_t x = q[i];
    q[i] = (x & 0x000000ffU) | (x >> 2 & 0x00003f00U) | (x << 6 & 0x0000c000U) |
           (x >> 4 & 0x000f0000U) | (x << 4 & 0x00f00000U) | (x >> 6 & 0x03000000U) |
           (x << 2 & 0xfc000000U);
  }
}

/// With a the octet in row r and b the one below it, row r becomes 2 (a ^ b) ^ b ^ (the sum of the
/// two rows further down).
REKEY_HOST_DEVICE inline void mix_columns(std::uint32_t (&q)[8]) {
  std::uint32_t below[8];
  std::uint32_t sum[8];
  REKEY_UNROLL
  for (int i = 0; i < 8; ++i) {
    below[i] = rotate_right(q[i], 8);
    sum[i] = q[i] ^ below[i];
  }
  REKEY_UNROLL
  for (int i = 0; i < 8; ++i) {
    q[i] = below[i] ^ rotate_right(sum[i], 16) ^ sum[(i + 7) % 8];
    // Doubling reduces by x^4 + x^3 + x + 1.
    if (i == 1 || i == 3 || i == 4) q[i] ^= sum[7];
  }
}

REKEY_HOST_DEVICE inline void store_round_key(const std::uint32_t (&q)[8],
                                              std::uint32_t (&out_round_key)[4]) {
  REKEY_UNROLL
  for (int i = 0; i < 4; ++i) {
    out_round_key[i] = (q[2 * i] & 0x55555555U) | (q[2 * i + 1] & 0xaaaaaaaaU);
  }
}

REKEY_HOST_DEVICE inline void add_round_key(std::uint32_t (&q)[8],
                                            const std::uint32_t (&round_key)[4]) {
  REKEY_UNROLL
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t even = round_key[i] & 0x55555555U;
    const std::uint32_t odd = round_key[i] & 0xaaaaaaaaU;
    q[2 * i] ^= even | even << 1;
    q[2 * i + 1] ^= odd | odd >> 1;
  }
}

}  // namespace internal

/// expand_key computes the round keys of `key` (FIPS 197, section 5.2) with the cipher's own S-box
/// circuit: the words of a round key are the columns of a sliced block.
REKEY_HOST_DEVICE_NOINLINE inline void expand_key(const Block& key, KeySchedule* out_schedule) {
  Bits bits = internal::slice({key, key});
  std::uint32_t(&q)[8] = bits.registers;
  internal::store_round_key(q, out_schedule->round_keys[0]);
  std::uint32_t round_constant = 1;
  for (int round = 1; round <= kRounds; ++round) {
    Bits substituted = bits;
    internal::sub_bytes(substituted.registers);
    REKEY_UNROLL
    for (int i = 0; i < 8; ++i) {
      // RotWord takes column 3 of the row below to column 0; the round constant is for row 0 alone.
      const std::uint32_t rotated = rotate_right(substituted.registers[i], 8) >> 6 & 0x03030303U;
      const std::uint32_t constant = (round_constant >> i & 1) * 3;
      // Every column takes the sum of all before it.
      q[i] ^= rotated ^ constant;
      q[i] ^= q[i] << 2 & 0xfcfcfcfcU;
      q[i] ^= q[i] << 4 & 0xf0f0f0f0U;
    }
    internal::store_round_key(q, out_schedule->round_keys[round]);
    round_constant = round_constant << 1 ^ (round_constant >> 7) * 0x11bU;
  }
}

/// encrypt enciphers two blocks under one key.
REKEY_HOST_DEVICE_NOINLINE inline BlockPair encrypt(const KeySchedule& schedule, BlockPair pair) {
  Bits bits = internal::slice(pair);
  std::uint32_t(&q)[8] = bits.registers;
  internal::add_round_key(q, schedule.round_keys[0]);
  for (int round = 1; round < kRounds; ++round) {
    internal::sub_bytes(q);
    internal::shift_rows(q);
    internal::mix_columns(q);
    internal::add_round_key(q, schedule.round_keys[round]);
  }
  internal::sub_bytes(q);
  internal::shift_rows(q);
  internal::add_round_key(q, schedule.round_keys[kRounds]);
  return internal::unslice(bits);
}

}  // namespace rekey::cuda
