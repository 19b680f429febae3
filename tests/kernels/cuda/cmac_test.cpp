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
  alignas(4) std::array<std::uint8_t, kBlockOctets> octets;
  store_block(block, octets.data());
  return to_hex(octets);
}

// RFC 4493, section 4.
TEST(Cmac, DerivesTheSubkeysOfTheStandard) {
  const std::vector<std::uint8_t> key = from_hex("2b7e151628aed2a6abf7158809cf4f3c");
  KeySchedule schedule;
  expand_key(gather_block(key.data(), key.size()), &schedule);
  const Subkeys subkeys = cmac_subkeys(schedule);
  EXPECT_EQ(hex_of(subkeys.k1), "fbeed618357133667c85e08f7236a8de");
  EXPECT_EQ(hex_of(subkeys.k2), "f7ddac306ae266ccf90bc11ee46d513b");
}

TEST(Cmac, ReducesWhenDoublingCarries) {
  const auto doubled = [](const std::string& hex) {
    const std::vector<std::uint8_t> octets = from_hex(hex);
    return hex_of(double_block(gather_block(octets.data(), octets.size())));
  };
  EXPECT_EQ(doubled("80000000000000000000000000000000"), "00000000000000000000000000000087");
  EXPECT_EQ(doubled("00000000800000008000000080000000"), "00000001000000010000000100000000");
  EXPECT_EQ(doubled("ffffffffffffffffffffffffffffffff"), "ffffffffffffffffffffffffffffff79");
}

TEST(Cmac, AgreesWithTheRefereeOnEveryLength) {
  const auto referee = make_openssl_engine();
  const auto engine = test::make_cuda_host_engine();
  std::mt19937 random(4493);
  for (std::size_t length = 0; length <= 4 * kBlockOctets + 1; ++length) {
    constexpr std::uint32_t kCount = 5;
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
