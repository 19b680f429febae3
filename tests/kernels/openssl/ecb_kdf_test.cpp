// SPDX-License-Identifier: Apache-2.0
//
// Dot16KDF computed together, against Dot16KDF one after the other.
#include "openssl/ecb_kdf.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "openssl/evp_mac_kdf.h"
#include "support/hex.h"

namespace rekey::openssl {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t kUnwritten = 0xA5;

class EcbKdfTest : public ::testing::Test {
 protected:
  EcbKdfTest() {
    referee_.set_key("KEY", key_);
    kdf_.set_key("KEY", key_);
  }

  Bytes expected(Parts astring, std::size_t octets) {
    Bytes result(octets);
    referee_.derive("RESULT", astring, result);
    EXPECT_EQ(referee_.status(), Status());
    return result;
  }

  const Bytes key_ = test::from_hex("F43CE2CCB56BF2F1862C2AAC724C20DB437D62AD");
  Algorithms algorithms_;
  EvpMacKdf evp_mac_kdf_{algorithms_};
  EcbKdf ecb_kdf_{algorithms_.aes_128_ecb()};
  Kdf& referee_ = evp_mac_kdf_;
  Kdf& kdf_ = ecb_kdf_;
};

TEST_F(EcbKdfTest, DerivesResultsOfEveryLength) {
  for (std::size_t octets = 1; octets <= Kdf::kMaxResultOctets; ++octets) {
    Bytes result(octets);
    kdf_.derive("RESULT", {ascii("any"), ascii(""), ascii(" astring")}, result);
    kdf_.settle();
    EXPECT_EQ(kdf_.status(), Status());
    EXPECT_EQ(result, expected({ascii("any astring")}, octets)) << octets << " octets";
  }
}

TEST_F(EcbKdfTest, DerivesFromAstringsOfEveryLength) {
  for (std::size_t octets = 0; octets <= Kdf::kMaxAstringOctets; ++octets) {
    const Bytes astring(octets, 0x3C);
    Bytes result(20);
    kdf_.derive("RESULT", {astring}, result);
    kdf_.settle();
    EXPECT_EQ(result, expected({astring}, 20)) << octets << " octets";
  }
}

TEST_F(EcbKdfTest, DerivesMoreThanWaitAtOnce) {
  std::vector<Bytes> results(3 * EcbCmac::kMaxMessages, Bytes(40));
  for (std::size_t i = 0; i < results.size(); ++i) {
    kdf_.derive("RESULT", {big_endian_32(i)}, results[i]);
  }
  kdf_.settle();
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i], expected({big_endian_32(i)}, 40)) << "result " << i;
  }
}

TEST_F(EcbKdfTest, SettlesBeforeTheKeyChanges) {
  Bytes result(20);
  kdf_.derive("RESULT", {ascii("AK")}, result);
  // Keyed with what it has to derive first.
  kdf_.set_key("RESULT", result);
  const Bytes right = expected({ascii("AK")}, 20);
  EXPECT_EQ(result, right);
  Bytes next(8);
  kdf_.derive("NEXT", {ascii("AK")}, next);
  kdf_.settle();
  referee_.set_key("RESULT", right);
  EXPECT_EQ(next, expected({ascii("AK")}, 8));
}

TEST_F(EcbKdfTest, ComputesNothingThatIsNotNeeded) {
  for (Evaluations needed = 0; needed < 8; ++needed) {
    Bytes result(44, kUnwritten);
    kdf_.derive("RESULT", {ascii("TEK")}, result, needed);
    kdf_.settle();
    const Bytes whole = expected({ascii("TEK")}, 44);
    for (std::size_t octet = 0; octet < result.size(); ++octet) {
      // T(0) is cut to 12 octets.
      const std::size_t evaluation = (octet + 4) / kBlockOctets;
      const bool is_needed = (needed >> evaluation & 1) != 0;
      EXPECT_EQ(result[octet], is_needed ? whole[octet] : kUnwritten)
          << "octet " << octet << " needed " << needed;
    }
  }
}

}  // namespace
}  // namespace rekey::openssl
