// SPDX-License-Identifier: Apache-2.0
#include "cuda/aes.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "cuda/octet_words.h"
#include "support/hex.h"

namespace rekey::cuda {
namespace {

using test::from_hex;
using test::to_hex;

Block block_of(const std::vector<std::uint8_t>& octets) {
  return gather_block(octets.data(), octets.size());
}

std::string hex_of(const Block& block) {
  alignas(4) std::array<std::uint8_t, kBlockOctets> octets;
  store_block(block, octets.data());
  return to_hex(octets);
}

/// The S-box as FIPS 197, section 5.1.1 defines it: inversion, then an affine map.
std::uint8_t substitute(std::uint8_t octet) {
  const auto multiply = [](unsigned a, unsigned b) {
    unsigned product = 0;
    for (; b != 0; b >>= 1) {
      if (b & 1) product ^= a;
      a = a << 1 ^ (a >> 7) * 0x11bU;
    }
    return product;
  };
  unsigned inverse = 1;
  for (int i = 0; i < 254; ++i) inverse = multiply(inverse, octet);
  unsigned mapped = 0x63;
  for (int shift = 0; shift < 5; ++shift) mapped ^= inverse << shift | inverse >> (8 - shift);
  return static_cast<std::uint8_t>(mapped);
}

TEST(Aes, SubstitutesEveryOctetInEveryPlace) {
  for (unsigned first = 0; first < 256; ++first) {
    BlockPair pair;
    for (unsigned i = 0; i < kBlockOctets; ++i) {
      pair.first.words[i / 4] |= ((first + i) % 256) << i % 4 * 8;
      pair.second.words[i / 4] |= ((first + 128 + i) % 256) << i % 4 * 8;
    }
    Bits bits = internal::slice(pair);
    internal::sub_bytes(bits.registers);
    const BlockPair found = internal::unslice(bits);
    for (unsigned i = 0; i < kBlockOctets; ++i) {
      EXPECT_EQ(found.first.words[i / 4] >> i % 4 * 8 & 0xff,
                substitute(static_cast<std::uint8_t>(first + i)));
      EXPECT_EQ(found.second.words[i / 4] >> i % 4 * 8 & 0xff,
                substitute(static_cast<std::uint8_t>(first + 128 + i)));
    }
  }
}

// FIPS 197, appendix A.1.
TEST(Aes, ExpandsTheKeyOfTheStandard) {
  KeySchedule schedule;
  expand_key(block_of(from_hex("2b7e151628aed2a6abf7158809cf4f3c")), &schedule);
  const auto round_key = [&](int round) {
    Bits bits = {};
    internal::add_round_key(bits.registers, schedule.round_keys[round]);
    const BlockPair pair = internal::unslice(bits);
    EXPECT_EQ(hex_of(pair.first), hex_of(pair.second));
    return hex_of(pair.first);
  };
  EXPECT_EQ(round_key(0), "2b7e151628aed2a6abf7158809cf4f3c");
  EXPECT_EQ(round_key(1), "a0fafe1788542cb123a339392a6c7605");
  EXPECT_EQ(round_key(9), "ac7766f319fadc2128d12941575c006e");
  EXPECT_EQ(round_key(10), "d014f9a8c9ee2589e13f0cc8b6630ca6");
}

// FIPS 197, appendices B and C.1.
TEST(Aes, EnciphersTheBlocksOfTheStandard) {
  struct Example {
    const char* key;
    const char* plain;
    const char* cipher;
  };
  for (const Example& example :
       {Example{"2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734",
                "3925841d02dc09fbdc118597196a0b32"},
        Example{"000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
                "69c4e0d86a7b0430d8cdb78070b4c55a"}}) {
    KeySchedule schedule;
    expand_key(block_of(from_hex(example.key)), &schedule);
    const Block plain = block_of(from_hex(example.plain));
    EXPECT_EQ(hex_of(encrypt(schedule, {plain, {}}).first), example.cipher);
    EXPECT_EQ(hex_of(encrypt(schedule, {{}, plain}).second), example.cipher);
  }
}

TEST(Aes, AgreesWithOpensslOnRandomPairs) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::mt19937 random(20'240'817);
  const auto draw = [&] {
    std::vector<std::uint8_t> octets(kBlockOctets);
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random());
    return octets;
  };
  for (int i = 0; i < 500; ++i) {
    const auto key = draw();
    const auto first = draw();
    const auto second = draw();
    ASSERT_EQ(EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr),
              1);
    const auto expected = [&](const std::vector<std::uint8_t>& plain) {
      std::array<std::uint8_t, kBlockOctets> cipher;
      int octets = 0;
      EXPECT_EQ(
          EVP_EncryptUpdate(context.get(), cipher.data(), &octets, plain.data(), kBlockOctets), 1);
      EXPECT_EQ(octets, static_cast<int>(kBlockOctets));
      return to_hex(cipher);
    };
    KeySchedule schedule;
    expand_key(block_of(key), &schedule);
    const BlockPair found = encrypt(schedule, {block_of(first), block_of(second)});
    ASSERT_EQ(hex_of(found.first), expected(first));
    ASSERT_EQ(hex_of(found.second), expected(second));
  }
}

}  // namespace
}  // namespace rekey::cuda
