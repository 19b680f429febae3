// SPDX-License-Identifier: Apache-2.0
#include "wave/wave.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wave/derived_keys.h"
#include "wave/scenario.h"

namespace rekey::wave {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

AmsRecord record_with(std::uint8_t octet, std::vector<std::uint16_t> saids) {
  AmsRecord record;
  record.pmk.octets()[0] = octet;
  record.msid[5] = octet;
  record.bsid[5] = octet;
  record.nonce[7] = octet;
  record.cmac_key_count = static_cast<std::uint16_t>(0x100 + octet);
  record.ak_sn = octet;
  record.saids = std::move(saids);
  record.reference = "ams" + std::to_string(octet);
  record.line = octet + 1U;
  return record;
}

Wave three(const Rules& rules) {
  Wave wave(rules);
  wave.append(record_with(1, {1}));
  wave.append(record_with(2, {}));
  wave.append(record_with(3, {7, 9}));
  return wave;
}

TEST(Wave, GivesColumnsOfAnyRange) {
  const Wave wave = three({});
  const BatchInput input = wave.input(1, 2);
  EXPECT_EQ(input.count, 2U);
  EXPECT_EQ(input.pmk.size(), 2 * kPmkOctets);
  EXPECT_EQ(input.pmk[0], 2);
  EXPECT_EQ(input.msid[kMsidOctets + 5], 3);
  EXPECT_EQ(input.nonce.size(), 2 * kNonceOctets);
  EXPECT_THAT(input.cmac_key_count, ElementsAre(1, 2, 1, 3));
  EXPECT_THAT(input.ak_sn, ElementsAre(2, 3));
  EXPECT_THAT(input.sa_counts, ElementsAre(0, 2));
  EXPECT_THAT(input.saids, ElementsAre(7, 9));
  EXPECT_THAT(wave.input(0, 1).saids, ElementsAre(1));
  EXPECT_THAT(wave.input(1, 1).saids, IsEmpty());
  EXPECT_EQ(wave.input(3, 0).count, 0U);
}

TEST(Wave, EveryRangeIsAWellFormedBatch) {
  for (const Profile profile : kAllProfiles) {
    Rules rules{profile, {}};
    const Wave wave = make_wave(Scenario::kUniform, 20, 1, rules);
    for (std::uint32_t first = 0; first <= 20; ++first) {
      for (std::uint32_t count = 0; first + count <= 20; ++count) {
        CheckedBatch batch;
        ASSERT_EQ(check_batch(wave.input(first, count), &batch), Status{});
        EXPECT_EQ(batch.failed(), 0U);
      }
    }
  }
}

TEST(Wave, WritesWideSaidsBigEndian) {
  Rules rules{Profile::k16mPublished, {.said_octets = 2}};
  Wave wave(rules);
  wave.append(record_with(1, {1, 0x1234}));
  EXPECT_THAT(wave.input(0, 1).saids, ElementsAre(0, 1, 0x12, 0x34));
  EXPECT_EQ(wave.said(0, 1), 0x1234);
}

TEST(Wave, LegacyHasNeitherNonceNorSecurityAssociations) {
  Wave wave({Profile::kLegacy16e, {}});
  wave.append(record_with(1, {}));
  const BatchInput input = wave.input(0, 1);
  EXPECT_THAT(input.nonce, IsEmpty());
  EXPECT_THAT(input.sa_counts, IsEmpty());
  EXPECT_THAT(input.saids, IsEmpty());
}

TEST(Wave, RemembersWhatIsEchoed) {
  const Wave wave = three({});
  EXPECT_EQ(wave.reference(1), "ams2");
  EXPECT_EQ(wave.line(2), 4U);
  EXPECT_THAT(wave.msid(2), ElementsAre(0, 0, 0, 0, 0, 3));
  EXPECT_THAT(wave.bsid(0), ElementsAre(0, 0, 0, 0, 0, 1));
  EXPECT_EQ(wave.sa_count(2), 2U);
  EXPECT_EQ(wave.said(2, 1), 9);
  EXPECT_EQ(wave.total_sas(), 3U);
}

TEST(Wave, ClearStartsOver) {
  Wave wave = three({});
  wave.clear();
  EXPECT_EQ(wave.size(), 0U);
  EXPECT_EQ(wave.total_sas(), 0U);
  wave.append(record_with(5, {4}));
  EXPECT_THAT(wave.input(0, 1).saids, ElementsAre(4));
  EXPECT_EQ(wave.input(0, 1).pmk[0], 5);
}

TEST(DerivedKeys, HasTheSizesOfABatch) {
  const Wave wave = three({});
  DerivedKeys keys;
  keys.allocate(wave, {KeyKind::kAk, KeyKind::kTek}, {0, 1, 2});
  EXPECT_EQ(keys.column(KeyKind::kAk).size(), 3 * kAkOctets);
  EXPECT_EQ(keys.column(KeyKind::kAkid).size(), 0U);
  EXPECT_EQ(keys.result().teks.size(), 3 * 3 * kTekOctets);
  EXPECT_EQ(keys.teks(wave, 2).data(), keys.column(KeyKind::kTek).data() + 3 * kTekOctets);
  EXPECT_EQ(keys.teks(wave, 2).size(), 2 * 3 * kTekOctets);
  EXPECT_EQ(keys.teks(wave, 1).size(), 0U);
}

TEST(DerivedKeys, CountsKeysOfGoodAmssAlone) {
  const Wave wave = three({});
  DerivedKeys keys;
  keys.allocate(wave, {KeyKind::kAk, KeyKind::kTek}, {0, 1});
  EXPECT_EQ(keys.failed(), 0U);
  EXPECT_EQ(keys.keys(wave), 3U + 2U * 3U);
  keys.set_failed(2, 3, "because");
  EXPECT_EQ(keys.failed(), 1U);
  EXPECT_EQ(keys.keys(wave), 2U + 2U);
  EXPECT_EQ(keys.message(2), "because");
}

}  // namespace
}  // namespace rekey::wave
