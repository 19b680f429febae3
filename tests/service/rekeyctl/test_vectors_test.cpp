// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/test_vectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "rekey/engines.h"
#include "wave/hex.h"

namespace rekey::ctl {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::uint8_t> octets_of(const std::string& hex) {
  std::vector<std::uint8_t> octets(hex.size() / 2);
  EXPECT_TRUE(wave::parse_hex("test", hex, octets).ok());
  return octets;
}

json make(const wave::Rules& rules, std::uint64_t cases, std::uint64_t seed = 1) {
  std::string text;
  EXPECT_TRUE(make_test_vectors(rules, cases, seed, &text).ok());
  return json::parse(text);
}

const json& step_of(const json& test_case, const std::string& result) {
  for (const json& step : test_case["steps"]) {
    if (step["result"] == result) return step;
  }
  ADD_FAILURE() << "no step " << result;
  return test_case["steps"][0];
}

TEST(TestVectors, HaveTheSpecificationsAnswers) {
  const json draft = make({}, 0);
  ASSERT_EQ(draft["cases"].size(), 1U);
  EXPECT_EQ(draft["cases"][0]["keys"]["ak"], "a2a9c01df3ee9ab07173a8656ca09ef193a9cbbe");
  EXPECT_EQ(draft["cases"][0]["keys"]["teks"][1]["key"], "22a4cee0606938a2fc5cc98d36fa095f");
  const json published = make({Profile::k16mPublished, {}}, 0);
  EXPECT_EQ(published["cases"][0]["keys"]["akid"], "4f61ec2e1b708d44");
  EXPECT_EQ(step_of(published["cases"][0], "PREKEY")["output"],
            "2cd16bd4ce4be07c5a6b75907f630e6cb91d560b");
  const json legacy = make({Profile::kLegacy16e, {}}, 0);
  ASSERT_EQ(legacy["cases"].size(), 2U);
  EXPECT_EQ(legacy["cases"][0]["keys"]["akid"], "c056432d94074994");
  EXPECT_EQ(legacy["cases"][1]["keys"]["kek"], "e09389b8f3391dfec8a99af41da147b9");
}

TEST(TestVectors, SayHowSureTheyAre) {
  const std::string draft = make({}, 0)["standing"];
  EXPECT_THAT(draft, HasSubstr("our reading"));
  EXPECT_THAT(draft, HasSubstr("not conformance vectors"));
  const std::string legacy = make({Profile::kLegacy16e, {}}, 0)["standing"];
  EXPECT_THAT(legacy, Not(HasSubstr("our reading")));
}

TEST(TestVectors, DependOnTheSeedAlone) {
  EXPECT_EQ(make({}, 3, 7), make({}, 3, 7));
  EXPECT_NE(make({}, 3, 7)["cases"], make({}, 3, 8)["cases"]);
}

// Every Dot16KDF step can be computed from what stands in it, as its notation says.
TEST(TestVectors, EveryStepCanBeRepeatedFromItsOwnFields) {
  const auto referee = make_openssl_engine();
  int steps = 0;
  for (const Profile profile : kAllProfiles) {
    const json document = make({profile, {}}, 5);
    for (const json& test_case : document["cases"]) {
      for (const json& step : test_case["steps"]) {
        if (step["function"] != "Dot16KDF") continue;
        const std::vector<std::uint8_t> kin = octets_of(step["kin"]);
        const std::vector<std::uint8_t> astring = octets_of(step["message"]);
        const unsigned bits = step["bits"];
        std::vector<std::uint8_t> whole;
        for (unsigned i = 0; i < (bits + 127) / 128; ++i) {
          std::vector<std::uint8_t> message = {0, 0, 0, static_cast<std::uint8_t>(i)};
          message.insert(message.end(), astring.begin(), astring.end());
          for (const unsigned octet : {0U, 0U, bits >> 8, bits & 0xff}) {
            message.push_back(static_cast<std::uint8_t>(octet));
          }
          std::vector<std::uint8_t> mac(16);
          ASSERT_TRUE(referee->cmac({1, kin, message, message.size()}, mac).ok());
          whole.insert(whole.end(), mac.begin(), mac.end());
        }
        const std::vector<std::uint8_t> result(whole.end() - bits / 8, whole.end());
        EXPECT_EQ(octets_of(step["output"]), result) << step["result"];
        ++steps;
      }
    }
  }
  EXPECT_GT(steps, 60);
}

}  // namespace
}  // namespace rekey::ctl
