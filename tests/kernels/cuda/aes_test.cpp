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
  Block block;
  for (std::size_t i = 0; i < kBlockOctets; ++i) {
    block.words[i / 4] |= std::uint32_t{octets[i]} << i % 4 * 8;
  }
  return block;
}

Bits sliced(const Blocks& blocks) {
  Bits bits = {};
  slice_onto(blocks, &bits);
  return bits;
}

Blocks unsliced(const Bits& bits) {
  Blocks blocks;
  unslice(bits, &blocks);
  return blocks;
}

/// Enciphers every block under the key in its lane.
Blocks enciphered(const Blocks& keys, const Blocks& plain) {
  KeySchedule schedule;
  expand_keys(sliced(keys), &schedule);
  Bits state = sliced(plain);
  encrypt(schedule, &state);
  return unsliced(state);
}

std::string hex_of(const Block& block) {
  alignas(16) std::array<std::uint8_t, kBlockOctets> octets;
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

TEST(Aes, SlicesBitsToTheirPlaces) {
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    for (std::size_t octet = 0; octet < kBlockOctets; ++octet) {
      for (std::size_t i = 0; i < 8; ++i) {
        Blocks blocks;
        blocks.lanes[lane].words[octet / 4] = 1U << (octet % 4 * 8 + i);
        Bits bits = sliced(blocks);
        EXPECT_EQ(bits.rows[octet % 4][i], 1U << (octet / 4 * 8 + lane));
        EXPECT_EQ(hex_of(unsliced(bits).lanes[lane]), hex_of(blocks.lanes[lane]));
        bits.rows[octet % 4][i] = 0;
        for (const auto& row : bits.rows) {
          for (std::uint32_t word : row) EXPECT_EQ(word, 0U);
        }
      }
    }
  }
}

TEST(Aes, AddsWhatItSlices) {
  Blocks blocks;
  blocks.lanes[3].words[1] = 0x1234'5678;
  Bits bits = sliced(blocks);
  slice_onto(blocks, &bits);
  EXPECT_EQ(hex_of(unsliced(bits).lanes[3]), hex_of(Block{}));
}

TEST(Aes, SubstitutesEveryOctetInEveryPlace) {
  for (unsigned first = 0; first < 256; ++first) {
    const auto octet_at = [first](unsigned lane, unsigned i) {
      return static_cast<std::uint8_t>(first + lane * kBlockOctets + i);
    };
    Blocks blocks;
    for (unsigned lane = 0; lane < kAbreast; ++lane) {
      for (unsigned i = 0; i < kBlockOctets; ++i) {
        blocks.lanes[lane].words[i / 4] |= std::uint32_t{octet_at(lane, i)} << i % 4 * 8;
      }
    }
    Bits bits = sliced(blocks);
    internal::sub_bytes(bits);
    const Blocks found = unsliced(bits);
    for (unsigned lane = 0; lane < kAbreast; ++lane) {
      for (unsigned i = 0; i < kBlockOctets; ++i) {
        EXPECT_EQ(found.lanes[lane].words[i / 4] >> i % 4 * 8 & 0xff,
                  substitute(octet_at(lane, i)));
      }
    }
  }
}

// FIPS 197, appendix A.1.
TEST(Aes, ExpandsTheKeyOfTheStandardInEveryLane) {
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    Blocks keys;
    keys.lanes[lane] = block_of(from_hex("2b7e151628aed2a6abf7158809cf4f3c"));
    KeySchedule schedule;
    expand_keys(sliced(keys), &schedule);
    const auto round_key = [&](int round) {
      return hex_of(unsliced(schedule.round_keys[round]).lanes[lane]);
    };
    EXPECT_EQ(round_key(0), "2b7e151628aed2a6abf7158809cf4f3c");
    EXPECT_EQ(round_key(1), "a0fafe1788542cb123a339392a6c7605");
    EXPECT_EQ(round_key(9), "ac7766f319fadc2128d12941575c006e");
    EXPECT_EQ(round_key(10), "d014f9a8c9ee2589e13f0cc8b6630ca6");
  }
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
    for (std::size_t lane = 0; lane < kAbreast; ++lane) {
      Blocks keys, plain;
      keys.lanes[lane] = block_of(from_hex(example.key));
      plain.lanes[lane] = block_of(from_hex(example.plain));
      EXPECT_EQ(hex_of(enciphered(keys, plain).lanes[lane]), example.cipher);
    }
  }
}

TEST(Aes, AgreesWithOpensslOnRandomKeysAndBlocks) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::mt19937 random(20'240'817);
  const auto draw = [&] {
    std::vector<std::uint8_t> octets(kBlockOctets);
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random());
    return octets;
  };
  for (int i = 0; i < 100; ++i) {
    Blocks keys, plain;
    std::array<std::string, kAbreast> expected;
    for (std::size_t lane = 0; lane < kAbreast; ++lane) {
      const auto key = draw();
      const auto block = draw();
      keys.lanes[lane] = block_of(key);
      plain.lanes[lane] = block_of(block);
      std::array<std::uint8_t, kBlockOctets> cipher;
      int octets = 0;
      ASSERT_EQ(EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr),
                1);
      ASSERT_EQ(
          EVP_EncryptUpdate(context.get(), cipher.data(), &octets, block.data(), kBlockOctets), 1);
      ASSERT_EQ(octets, static_cast<int>(kBlockOctets));
      expected[lane] = to_hex(cipher);
    }
    const Blocks found = enciphered(keys, plain);
    for (std::size_t lane = 0; lane < kAbreast; ++lane) {
      ASSERT_EQ(hex_of(found.lanes[lane]), expected[lane]);
    }
  }
}

}  // namespace
}  // namespace rekey::cuda
