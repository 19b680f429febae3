// SPDX-License-Identifier: Apache-2.0
//
// The primitive under every key, AES-128-CMAC, against vectors that others published, on every
// engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "rekey/engine.h"
#include "support/engine_fixture.h"
#include "support/engines.h"
#include "support/hex.h"
#include "vector_files.h"

namespace rekey {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Message is one thing to authenticate.
struct Message {
  Bytes key, octets;
};

/// The MACs of all messages: those of one length go to the engine together, in one batch.
std::vector<std::string> macs_of(Engine& engine, const std::vector<Message>& messages) {
  std::map<std::size_t, std::vector<std::size_t>> by_length;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    by_length[messages[i].octets.size()].push_back(i);
  }
  std::vector<std::string> macs(messages.size());
  for (const auto& [length, places] : by_length) {
    Bytes keys, octets, found(places.size() * kBlockOctets);
    for (std::size_t place : places) {
      const Message& message = messages[place];
      keys.insert(keys.end(), message.key.begin(), message.key.end());
      octets.insert(octets.end(), message.octets.begin(), message.octets.end());
    }
    const CmacBatch batch = {static_cast<std::uint32_t>(places.size()), keys, octets, length};
    EXPECT_EQ(engine.cmac(batch, found), Status());
    for (std::size_t i = 0; i < places.size(); ++i) {
      macs[places[i]] = test::to_hex(ConstOctets(found).subspan(i * kBlockOctets, kBlockOctets));
    }
  }
  return macs;
}

class PublishedVectors : public test::EngineTest {};

TEST_P(PublishedVectors, Rfc4493Section4) {
  const Bytes key = test::from_hex("2b7e151628aed2a6abf7158809cf4f3c");
  const Bytes message = test::from_hex(
      "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51 "
      "30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710");
  const auto first = [&](std::ptrdiff_t octets) {
    return Bytes(message.begin(), message.begin() + octets);
  };
  EXPECT_THAT(macs_of(*engine_, {{key, {}}, {key, first(16)}, {key, first(40)}, {key, message}}),
              ::testing::ElementsAre(
                  "bb1d6929e95937287fa37d129b756746", "070a16b46b4d4144f79bdd9dd04a287c",
                  "dfa66747de9ae63030ca32611497c827", "51f0bebf7e3b9d92fc49741779363cfe"));
}

TEST_P(PublishedVectors, CavsKbkdfCounterModeCmacAes128) {
  const auto cases = test::read_cavs_kbkdf(REKEY_VECTORS "/kbkdf_counter_cmac_aes128.txt");
  ASSERT_EQ(cases.size(), 40U);
  // K(i) = CMAC(KI, BE32(i) | FixedInputData), i = 1, 2, ...; the result is the left end of
  // K(1) | K(2) | ...
  std::vector<Message> messages;
  for (const test::KbkdfCase& test : cases) {
    for (std::uint8_t i = 1; 128U * (i - 1) < test.result_bits; ++i) {
      Bytes message = {0, 0, 0, i};
      message.insert(message.end(), test.fixed_input.begin(), test.fixed_input.end());
      messages.push_back({test.key, std::move(message)});
    }
  }
  const std::vector<std::string> macs = macs_of(*engine_, messages);
  auto mac = macs.begin();
  for (const test::KbkdfCase& test : cases) {
    std::string whole;
    while (4 * whole.size() < test.result_bits) whole += *mac++;
    EXPECT_EQ(test.result.size() * 8, test.result_bits);
    EXPECT_EQ(whole.substr(0, test.result_bits / 4), test::to_hex(test.result))
        << "COUNT=" << test.count << ", L=" << test.result_bits;
  }
  EXPECT_EQ(mac, macs.end());
}

TEST_P(PublishedVectors, WycheproofAesCmac128) {
  const auto cases = test::read_wycheproof_cmac(REKEY_VECTORS "/aes_cmac_test.json");
  ASSERT_EQ(cases.size(), 102U);
  std::vector<Message> messages;
  for (const test::CmacCase& test : cases) messages.push_back({test.key, test.message});
  const std::vector<std::string> macs = macs_of(*engine_, messages);
  int valid = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    valid += cases[i].valid ? 1 : 0;
    EXPECT_EQ(macs[i] == test::to_hex(cases[i].tag), cases[i].valid) << "tcId " << cases[i].id;
  }
  EXPECT_EQ(valid, 21);
}

INSTANTIATE_TEST_SUITE_P(Engines, PublishedVectors, ::testing::ValuesIn(test::engines_under_test()),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace rekey
