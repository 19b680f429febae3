// SPDX-License-Identifier: Apache-2.0
#include "wave/scenario.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <set>
#include <string>

#include "wave/hex.h"
#include "wave/wave_writer.h"

namespace rekey::wave {
namespace {

std::string sha256_of(std::string_view text) {
  std::array<std::uint8_t, 32> digest{};
  EXPECT_EQ(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr), 1);
  SecretText hex;
  append_hex(digest, &hex);
  return std::string(hex);
}

std::string csv_of(Scenario scenario, std::uint64_t count, std::uint64_t seed, const Rules& rules) {
  TextSink sink;
  WaveWriter writer(Format::kCsv, rules, sink);
  EXPECT_TRUE(writer.begin().ok());
  WaveGenerator generator(scenario, seed, rules);
  for (std::uint64_t i = 0; i < count; ++i) EXPECT_TRUE(writer.write(generator.next()).ok());
  return std::string(sink.text());
}

TEST(Random, FollowsTheStandardsSequence) {
  // [rand.predef]: the 10000th number of a default-constructed mt19937_64, whose seed is 5489.
  Random random(5489);
  std::array<std::uint8_t, 8> octets{};
  for (int i = 0; i < 10'000; ++i) random.fill(octets);
  std::uint64_t number = 0;
  for (int i = 7; i >= 0; --i) number = number << 8 | octets[static_cast<std::size_t>(i)];
  EXPECT_EQ(number, 9'981'545'732'273'789'042ULL);
}

TEST(Random, StaysWithinItsBounds) {
  Random random(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(random.between(3, 7));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{3, 4, 5, 6, 7}));
  EXPECT_EQ(random.below(1), 0U);
}

// The waves are part of the interface: figures measured on them can be repeated anywhere.
TEST(Scenario, IsTheSameOnEveryMachine) {
  const Rules draft;
  const Rules wide{Profile::k16mPublished, {.said_octets = 2}};
  const Rules legacy{Profile::kLegacy16e, {}};
  EXPECT_EQ(sha256_of(csv_of(Scenario::kAbsOutage, 100, 1, draft)),
            "340623fd3c79e612923cb50e4b31dc212ef0a1b02c1fa7c1c0ad30031499826a");
  EXPECT_EQ(sha256_of(csv_of(Scenario::kTrain, 100, 1, draft)),
            "55bf490639a845e70e246711644cd2c31d7e658b53950c4f1a0c06853b361191");
  EXPECT_EQ(sha256_of(csv_of(Scenario::kLeo, 100, 2, legacy)),
            "026dd853076584b8b9f8ee27880f05b71d8803049fa55d63277f82825dd34031");
  EXPECT_EQ(sha256_of(csv_of(Scenario::kUniform, 100, 3, wide)),
            "e8608f7b023bc37dfc3439a410530a532cef73592aa93efab1a27233bf551f20");
}

TEST(Scenario, DependsOnTheSeed) {
  EXPECT_NE(csv_of(Scenario::kTrain, 3, 1, {}), csv_of(Scenario::kTrain, 3, 2, {}));
}

struct Seen {
  std::set<std::string> targets;
  std::set<std::string> msids;
  std::set<std::size_t> sas;
};

Seen look_at(Scenario scenario, std::uint64_t count) {
  Seen seen;
  WaveGenerator generator(scenario, 7, {});
  for (std::uint64_t i = 0; i < count; ++i) {
    const AmsRecord record = generator.next();
    seen.targets.emplace(record.bsid.begin(), record.bsid.end());
    seen.msids.emplace(record.msid.begin(), record.msid.end());
    seen.sas.insert(record.saids.size());
    EXPECT_LE(record.ak_sn, kMaxAkSn);
    EXPECT_EQ(record.msid[0] & 0x03, 0x02) << "locally administered, not a group";
    EXPECT_EQ(record.reference,
              "synthetic/" + std::string(to_string(scenario)) + "/7/" + std::to_string(i + 1));
  }
  EXPECT_EQ(seen.msids.size(), count);
  return seen;
}

TEST(Scenario, HasTheShapeItsNameSays) {
  const Seen outage = look_at(Scenario::kAbsOutage, 1'000);
  EXPECT_EQ(outage.targets.size(), 6U);
  EXPECT_EQ(outage.sas, (std::set<std::size_t>{1, 2, 3, 4}));
  const Seen train = look_at(Scenario::kTrain, 1'000);
  EXPECT_EQ(train.targets.size(), 1U);
  EXPECT_EQ(train.sas, (std::set<std::size_t>{1, 2}));
  const Seen leo = look_at(Scenario::kLeo, 1'000);
  EXPECT_EQ(leo.targets.size(), 1U);
  EXPECT_EQ(leo.sas, (std::set<std::size_t>{1, 2, 3, 4}));
  const Seen uniform = look_at(Scenario::kUniform, 1'000);
  EXPECT_EQ(uniform.targets.size(), 1'000U);
  EXPECT_EQ(uniform.sas, (std::set<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Scenario, NamesGoBothWays) {
  for (const Scenario scenario : kAllScenarios) {
    EXPECT_EQ(scenario_from_string(to_string(scenario)), scenario);
  }
  EXPECT_EQ(scenario_from_string("plane"), std::nullopt);
  EXPECT_EQ(default_count(Scenario::kAbsOutage), 4'096U);
  EXPECT_EQ(default_count(Scenario::kTrain), 1'000U);
  EXPECT_EQ(default_count(Scenario::kLeo), 30'000U);
}

}  // namespace
}  // namespace rekey::wave
