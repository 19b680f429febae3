// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/xaes_gcm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace rekey::contexts {
namespace {

using Octets8 = std::vector<std::uint8_t>;

Octets8 octets(std::string_view text) { return {text.begin(), text.end()}; }

std::string hex(ConstOctets octets) {
  std::string text;
  for (const std::uint8_t octet : octets) {
    text += "0123456789abcdef"[octet >> 4];
    text += "0123456789abcdef"[octet & 15];
  }
  return text;
}

struct Message {
  Secret<XaesGcm::kKeyOctets> key;
  std::array<std::uint8_t, XaesGcm::kNonceOctets> nonce{};
  Octets8 associated, plain;
};

Message message(std::uint8_t key, std::string_view associated, std::string_view plain) {
  Message message;
  std::ranges::fill(message.key.octets(), key);
  std::ranges::copy(std::string_view("ABCDEFGHIJKLMNOPQRSTUVWX"), message.nonce.begin());
  message.associated = octets(associated);
  message.plain = octets(plain);
  return message;
}

Octets8 sealed(const Message& message) {
  Octets8 sealed(message.plain.size() + XaesGcm::kTagOctets);
  EXPECT_TRUE(XaesGcm(message.key).seal(message.nonce, message.associated, message.plain, sealed));
  return sealed;
}

// The two test vectors of C2SP's XAES-256-GCM: without and with a carry in the subkey.
TEST(XaesGcmTest, SealsAsTheSpecificationDoes) {
  EXPECT_EQ(hex(sealed(message(1, "", "XAES-256-GCM"))),
            "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
  EXPECT_EQ(hex(sealed(message(3, "c2sp.org/XAES-256-GCM", "XAES-256-GCM"))),
            "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
}

TEST(XaesGcmTest, OpensWhatItSealedAndNothingElse) {
  for (const std::string_view plain : {"", "x", "a record of some length, longer than a block"}) {
    const Message sent = message(7, "name", plain);
    const Octets8 octets = sealed(sent);
    Octets8 opened(plain.size(), 0xee);
    XaesGcm cipher(sent.key);
    ASSERT_TRUE(cipher.open(sent.nonce, sent.associated, octets, opened));
    EXPECT_EQ(opened, sent.plain);
    for (std::size_t i = 0; i < octets.size(); ++i) {
      Octets8 damaged = octets;
      damaged[i] ^= 0x10;
      EXPECT_FALSE(cipher.open(sent.nonce, sent.associated, damaged, opened)) << i;
      EXPECT_EQ(opened, Octets8(plain.size(), 0));
    }
    for (std::size_t i = 0; i < sent.nonce.size(); ++i) {
      auto nonce = sent.nonce;
      nonce[i] ^= 1;
      EXPECT_FALSE(cipher.open(nonce, sent.associated, octets, opened)) << i;
    }
    EXPECT_FALSE(cipher.open(sent.nonce, rekey::contexts::octets("Name"), octets, opened));
    EXPECT_FALSE(XaesGcm(message(8, "", "").key).open(sent.nonce, sent.associated, octets, opened));
  }
  EXPECT_FALSE(XaesGcm(message(7, "", "").key).open(message(7, "", "").nonce, {}, Octets8(15), {}));
}

}  // namespace
}  // namespace rekey::contexts
