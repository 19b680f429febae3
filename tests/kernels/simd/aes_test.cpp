// SPDX-License-Identifier: Apache-2.0
//
// The vector engine's AES and CMAC subkeys on every target this machine has: compiled once for each
// target, as the engine is.
#ifndef REKEY_TESTS_SIMD_AES_TEST_CPP_
#define REKEY_TESTS_SIMD_AES_TEST_CPP_

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "rekey/octets.h"
#include "simd/highway_targets.h"
#include "support/hex.h"

namespace rekey::simd {
namespace {

using Blocks = std::vector<std::uint8_t>;

/// GroupOutput is what came out of one group: 16 octets a lane in every column.
struct GroupOutput {
  std::size_t lanes = 0;
  Blocks last_round_keys, ciphertexts, k1, k2;
};

/// What one target does with `keys` and `plaintexts`, which are repeated over the lanes.
using RunGroup = GroupOutput (*)(const Blocks& keys, const Blocks& plaintexts);

struct TargetUnderTest {
  std::int64_t id = 0;
  std::string_view name;
  RunGroup run = nullptr;
};

template <std::int64_t Id>
constexpr TargetUnderTest kTargetOf = {};

}  // namespace
}  // namespace rekey::simd

#endif  // REKEY_TESTS_SIMD_AES_TEST_CPP_

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/aes_test.cpp"
#include <hwy/foreach_target.h>  // must come before the vector code
#include <hwy/highway.h>

#if REKEY_SIMD_TARGET_FITS
#include "simd/aes-inl.h"
#include "simd/key_schedule-inl.h"
#include "simd/subkeys-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rekey::simd::HWY_NAMESPACE {

inline Blocks octets_of(const Group& group) {
  return {group.lane(0), group.lane(0) + sizeof(Group)};
}

inline GroupOutput run_group(const Blocks& keys, const Blocks& plaintexts) {
  Group kin;
  Group blocks;
  for (std::size_t lane = 0; lane < kAbreast; ++lane) {
    const std::size_t from = lane * kBlockOctets % keys.size();
    std::copy_n(keys.data() + from, kBlockOctets, kin.lane(lane));
    std::copy_n(plaintexts.data() + from, kBlockOctets, blocks.lane(lane));
  }
  RoundKeys round_keys;
  expand_keys([&](std::size_t v) HWY_ATTR { return kin.vectors[v]; }, &round_keys);
  encrypt(round_keys, &blocks);
  Group l;
  set_zero(&l);
  encrypt(round_keys, &l);
  Group k1;
  Group k2;
  derive_subkey<1>(l, &k1);
  derive_subkey<2>(l, &k2);
  return {kAbreast, octets_of(round_keys.keys[kRounds]), octets_of(blocks), octets_of(k1),
          octets_of(k2)};
}

}  // namespace rekey::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace rekey::simd {
namespace {

template <>
constexpr TargetUnderTest kTargetOf<HWY_TARGET> = {
    HWY_TARGET, std::string_view(HWY_STR(HWY_NAMESPACE)).substr(2), &HWY_NAMESPACE::run_group};

}  // namespace
}  // namespace rekey::simd
#endif  // REKEY_SIMD_TARGET_FITS

#if HWY_ONCE
namespace rekey::simd {
namespace {

using test::from_hex;
using test::to_hex;

template <std::size_t... Bit>
std::vector<TargetUnderTest> targets(std::index_sequence<Bit...>) {
  std::vector<TargetUnderTest> here;
  for (const TargetUnderTest& target : {kTargetOf<std::int64_t{1} << Bit>...}) {
    if ((hwy::SupportedTargets() & target.id) != 0) here.push_back(target);
  }
  return here;
}

class SimdAes : public testing::TestWithParam<TargetUnderTest> {
 protected:
  static std::string lane(const Blocks& blocks, std::size_t index) {
    return to_hex(ConstOctets(blocks).subspan(index * kBlockOctets, kBlockOctets));
  }
};

INSTANTIATE_TEST_SUITE_P(Targets, SimdAes,
                         testing::ValuesIn(targets(std::make_index_sequence<63>())),
                         [](const auto& named) { return std::string(named.param.name); });

// FIPS-197: appendices A.1 and B for the first key, C.1 for the second. Neighbouring lanes have
// different keys.
TEST_P(SimdAes, GivesTheAnswersOfFips197InEveryLane) {
  const Blocks keys = from_hex("2b7e151628aed2a6abf7158809cf4f3c 000102030405060708090a0b0c0d0e0f");
  const Blocks plaintexts =
      from_hex("3243f6a8885a308d313198a2e0370734 00112233445566778899aabbccddeeff");
  const std::string ciphertexts[] = {"3925841d02dc09fbdc118597196a0b32",
                                     "69c4e0d86a7b0430d8cdb78070b4c55a"};
  const std::string last_round_keys[] = {"d014f9a8c9ee2589e13f0cc8b6630ca6",
                                         "13111d7fe3944a17f307a78b4d2b30c5"};
  const GroupOutput output = GetParam().run(keys, plaintexts);
  ASSERT_GE(output.lanes, 4U);
  for (std::size_t i = 0; i < output.lanes; ++i) {
    EXPECT_EQ(lane(output.ciphertexts, i), ciphertexts[i % 2]) << "lane " << i;
    EXPECT_EQ(lane(output.last_round_keys, i), last_round_keys[i % 2]) << "lane " << i;
  }
}

// RFC 4493, section 4: L is 7df76b0c1ab899b33e42f047b91b546f, whose doubling carries nothing out of
// the block; doubling K1 does.
TEST_P(SimdAes, DerivesTheSubkeysOfRfc4493InEveryLane) {
  const Blocks key = from_hex("2b7e151628aed2a6abf7158809cf4f3c");
  const GroupOutput output = GetParam().run(key, key);
  for (std::size_t i = 0; i < output.lanes; ++i) {
    EXPECT_EQ(lane(output.k1, i), "fbeed618357133667c85e08f7236a8de") << "lane " << i;
    EXPECT_EQ(lane(output.k2, i), "f7ddac306ae266ccf90bc11ee46d513b") << "lane " << i;
  }
}

Blocks openssl_aes(ConstOctets key, ConstOctets plaintext) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  Blocks ciphertext(kBlockOctets);
  int octets = 0;
  EXPECT_EQ(EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr), 1);
  EXPECT_EQ(EVP_EncryptUpdate(context.get(), ciphertext.data(), &octets, plaintext.data(),
                              static_cast<int>(plaintext.size())),
            1);
  EXPECT_EQ(octets, 16);
  return ciphertext;
}

TEST_P(SimdAes, AgreesWithOpensslOnRandomKeys) {
  std::mt19937_64 random(197);
  const auto random_block = [&](Blocks* out_blocks) {
    for (std::size_t i = 0; i < kBlockOctets; ++i) {
      out_blocks->push_back(static_cast<std::uint8_t>(random()));
    }
  };
  for (int round = 0; round < 50; ++round) {
    Blocks keys;
    Blocks plaintexts;
    constexpr std::size_t kMoreThanAnyTargetHasLanes = 64;
    for (std::size_t i = 0; i < kMoreThanAnyTargetHasLanes; ++i) {
      random_block(&keys);
      random_block(&plaintexts);
    }
    const GroupOutput output = GetParam().run(keys, plaintexts);
    for (std::size_t i = 0; i < output.lanes; ++i) {
      const auto at = [i](const Blocks& blocks) {
        return ConstOctets(blocks).subspan(i * kBlockOctets, kBlockOctets);
      };
      ASSERT_EQ(lane(output.ciphertexts, i), to_hex(openssl_aes(at(keys), at(plaintexts))))
          << "lane " << i;
    }
  }
}

}  // namespace
}  // namespace rekey::simd
#endif  // HWY_ONCE
