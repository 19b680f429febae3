// SPDX-License-Identifier: Apache-2.0
#include "cuda/cmac.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "rekey/engines.h"
#include "support/cuda_host_engine.h"
#include "support/hex.h"

namespace rekey::cuda {
namespace {

using test::from_hex;
using test::to_hex;

std::string hex_of(const Block& block) {
  alignas(16) std::array<std::uint8_t, kBlockOctets> octets;
  store_block(block, octets.data());
  return to_hex(octets);
}

/// The block that `hex` spells in every lane.
Bits everywhere(const std::string& hex) {
  const std::vector<std::uint8_t> octets = from_hex(hex);
  Blocks blocks;
  for (Block& block : blocks.lanes) block = gather_block(octets.data(), octets.size());
  Bits bits = {};
  slice_onto(blocks, &bits);
  return bits;
}

/// What all lanes hold; empty when they differ.
std::string in_all_lanes(const Bits& bits) {
  Blocks blocks;
  unslice(bits, &blocks);
  const std::string hex = hex_of(blocks.lanes[0]);
  for (const Block& block : blocks.lanes) {
    if (hex_of(block) != hex) return {};
  }
  return hex;
}

// RFC 4493, section 4.
TEST(Cmac, DerivesTheSubkeysOfTheStandard) {
  const Bits key = everywhere("2b7e151628aed2a6abf7158809cf4f3c");
  CmacState state;
  key_with(key, true, &state);
  EXPECT_EQ(in_all_lanes(state.subkey), "fbeed618357133667c85e08f7236a8de");
  key_with(key, false, &state);
  EXPECT_EQ(in_all_lanes(state.subkey), "f7ddac306ae266ccf90bc11ee46d513b");
}

TEST(Cmac, ReducesWhenDoublingCarries) {
  const auto doubled = [](const std::string& hex) {
    return in_all_lanes(double_blocks(everywhere(hex)));
  };
  EXPECT_EQ(doubled("80000000000000000000000000000000"), "00000000000000000000000000000087");
  EXPECT_EQ(doubled("00000000800000008000000080000000"), "00000001000000010000000100000000");
  EXPECT_EQ(doubled("ffffffffffffffffffffffffffffffff"), "ffffffffffffffffffffffffffffff79");
}

TEST(Cmac, DoublesEveryLaneByItself) {
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    Blocks blocks;
    blocks.lanes[lane].words[0] = 0x80;
    Bits bits = {};
    slice_onto(blocks, &bits);
    unslice(double_blocks(bits), &blocks);
    for (std::size_t other = 0; other < kAbreast; ++other) {
      EXPECT_EQ(hex_of(blocks.lanes[other]), other == lane ? "00000000000000000000000000000087"
                                                           : "00000000000000000000000000000000");
    }
  }
}

TEST(Cmac, AgreesWithTheRefereeOnEveryLength) {
  const auto referee = make_openssl_engine();
  const auto engine = test::make_cuda_host_engine();
  std::mt19937 random(4493);
  for (std::size_t length = 0; length <= 4 * kBlockOctets + 1; ++length) {
    constexpr std::uint32_t kCount = kAbreast + 5;
    std::vector<std::uint8_t> keys(kCount * kBlockOctets);
    std::vector<std::uint8_t> messages(kCount * length);
    for (std::uint8_t& octet : keys) octet = static_cast<std::uint8_t>(random());
    for (std::uint8_t& octet : messages) octet = static_cast<std::uint8_t>(random());
    const CmacBatch batch = {kCount, keys, messages, length};
    std::vector<std::uint8_t> expected(kCount * kBlockOctets);
    std::vector<std::uint8_t> found(kCount * kBlockOctets);
    ASSERT_TRUE(referee->cmac(batch, expected).ok());
    ASSERT_TRUE(engine->cmac(batch, found).ok());
    EXPECT_EQ(to_hex(found), to_hex(expected)) << "messages of " << length << " octets";
  }
}

}  // namespace
}  // namespace rekey::cuda
