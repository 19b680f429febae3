// SPDX-License-Identifier: Apache-2.0
//
// The referee's own CMAC against OpenSSL's.
#include "openssl/ecb_cmac.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "openssl/evp_mac_kdf.h"
#include "support/hex.h"

namespace rekey::openssl {
namespace {

using Bytes = std::vector<std::uint8_t>;

class EcbCmacTest : public ::testing::Test {
 protected:
  Bytes random_octets(std::size_t octets) {
    Bytes result(octets);
    std::ranges::generate(result, [this] { return static_cast<std::uint8_t>(random_()); });
    return result;
  }

  /// The MAC by OpenSSL's CMAC.
  std::string expected(const Bytes& key, const Bytes& message) {
    EvpMacKdf kdf(algorithms_);
    std::array<std::uint8_t, kBlockOctets> mac;
    kdf.set_key("KEY", key);
    kdf.cmac(message, mac);
    EXPECT_EQ(kdf.status(), Status());
    return test::to_hex(mac);
  }

  /// Runs the messages side by side and compares each.
  void expect_right(EcbCmac& cmac, const Bytes& key, const std::vector<Bytes>& messages) {
    std::vector<Bytes> macs(messages.size(), Bytes(kBlockOctets));
    std::vector<EcbCmac::Message> run;
    for (std::size_t i = 0; i < messages.size(); ++i) run.push_back({messages[i], macs[i]});
    cmac.run(run);
    ASSERT_EQ(cmac.status(), Status());
    for (std::size_t i = 0; i < messages.size(); ++i) {
      EXPECT_EQ(test::to_hex(macs[i]), expected(key, messages[i]))
          << "message " << i << " of " << messages.size() << ": " << test::to_hex(messages[i])
          << " under " << test::to_hex(key);
    }
  }

  void set_key(EcbCmac& cmac, const Bytes& key) {
    cmac.set_key(ConstOctets(key).first<kBlockOctets>());
  }

  Algorithms algorithms_;
  std::mt19937 random_{7};
};

TEST_F(EcbCmacTest, OfEveryLengthIsOpenssls) {
  EcbCmac cmac(algorithms_.aes_128_ecb());
  for (std::size_t octets = 0; octets <= 64; ++octets) {
    // As many as it takes to meet both values of the bits that fall out of L and K1.
    for (int i = 0; i < 20; ++i) {
      const Bytes key = random_octets(kBlockOctets);
      set_key(cmac, key);
      expect_right(cmac, key, {random_octets(octets)});
    }
  }
}

TEST_F(EcbCmacTest, OfManyUnequalMessagesSideBySideIsOpenssls) {
  EcbCmac cmac(algorithms_.aes_128_ecb());
  for (std::size_t count = 0; count <= EcbCmac::kMaxMessages; ++count) {
    const Bytes key = random_octets(kBlockOctets);
    set_key(cmac, key);
    // Twice: the second time the subkeys are there.
    for (int run = 0; run < 2; ++run) {
      std::vector<Bytes> messages;
      for (std::size_t i = 0; i < count; ++i) messages.push_back(random_octets(random_() % 65));
      expect_right(cmac, key, messages);
    }
  }
}

TEST_F(EcbCmacTest, OfALongMessageIsOpenssls) {
  EcbCmac cmac(algorithms_.aes_128_ecb());
  const Bytes key = random_octets(kBlockOctets);
  set_key(cmac, key);
  expect_right(cmac, key, {random_octets(5000), {}, random_octets(4999)});
}

TEST_F(EcbCmacTest, GivesAsMuchOfTheRightEndAsAskedFor) {
  EcbCmac cmac(algorithms_.aes_128_ecb());
  const Bytes key = random_octets(kBlockOctets);
  const Bytes message = random_octets(22);
  set_key(cmac, key);
  for (std::size_t octets = 0; octets <= kBlockOctets; ++octets) {
    Bytes mac_end(octets);
    const EcbCmac::Message run = {message, mac_end};
    cmac.run({&run, 1});
    EXPECT_EQ(test::to_hex(mac_end), expected(key, message).substr(2 * (kBlockOctets - octets)));
  }
}

TEST_F(EcbCmacTest, EncryptsABlock) {
  // FIPS 197, appendix C.1.
  EcbCmac cmac(algorithms_.aes_128_ecb());
  set_key(cmac, test::from_hex("000102030405060708090a0b0c0d0e0f"));
  Bytes block = test::from_hex("00112233445566778899aabbccddeeff");
  cmac.encrypt(Octets(block).first<kBlockOctets>());
  EXPECT_EQ(cmac.status(), Status());
  EXPECT_EQ(test::to_hex(block), "69c4e0d86a7b0430d8cdb78070b4c55a");
}

TEST_F(EcbCmacTest, KeepsTheFirstFailure) {
  EcbCmac cmac(nullptr);
  const Status failure = cmac.status();
  EXPECT_EQ(failure.code(), Code::kInternal);
  EXPECT_THAT(failure.message(), ::testing::StartsWith("OpenSSL: EVP_EncryptInit_ex2: "));
  set_key(cmac, random_octets(kBlockOctets));
  Bytes mac(kBlockOctets, 0xA5);
  const EcbCmac::Message run = {{}, mac};
  cmac.run({&run, 1});
  EXPECT_EQ(cmac.status(), failure);
  EXPECT_THAT(mac, ::testing::Each(0xA5));
}

}  // namespace
}  // namespace rekey::openssl
