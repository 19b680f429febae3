// SPDX-License-Identifier: Apache-2.0
#include "contexts/record.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rekey::contexts {
namespace {

/// RandomAms makes AMSs of every state, with lists of every length.
class RandomAms {
 public:
  explicit RandomAms(std::uint64_t seed) : random_(seed) {}

  Ams make() {
    Ams ams;
    ams.state = kAllStates[below(kAllStates.size())];
    ams.latest = random_();
    ams.authentication.generation = static_cast<std::uint32_t>(random_());
    ams.operations.resize(below(kMaxOperations + 1));
    for (Operation& operation : ams.operations) fill(&operation);
    if (ams.state == AmsState::kAbsent) {
      ams.forget_at = random_();
      return ams;
    }
    ams.profile = kAllProfiles[below(kAllProfiles.size())];
    if (ams.profile == Profile::k16mDraft) ams.options.nonce_first = flip();
    if (ams.profile == Profile::k16mPublished) ams.options.msid_privacy_off = flip();
    if (ams.profile != Profile::kLegacy16e) ams.options.said_octets = flip() ? 1 : 2;
    ams.tek_lifetime = random_();
    ams.saids.resize(below(kMaxContextSas + 1));
    for (std::uint16_t& said : ams.saids) said = static_cast<std::uint16_t>(random_());
    fill(&ams.authentication, ams.authentication.generation);
    ams.next_count = static_cast<std::uint32_t>(below(kMaxCmacKeyCount + 2));
    ams.reauthentication_due = flip();
    const bool entering = ams.state == AmsState::kEntering;
    const bool registered = ams.state == AmsState::kRegistered;
    if (!entering && !registered) fill(&ams.serving.emplace());
    if (!registered && ams.state != AmsState::kServing) ams.targets.resize(1 + below(kMaxTargets));
    for (TargetContext& target : ams.targets) {
      fill(&target.context);
      target.seamless = flip();
    }
    if (ams.serving && flip()) {
      fill(&ams.old.emplace().context);
      fill(&ams.old->authentication, static_cast<std::uint32_t>(random_()));
    }
    ams.reentry_mode_1 = flip();
    ams.disconnect_at = random_();
    ams.retain_for = random_();
    ams.retain_until = random_();
    return ams;
  }

  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  bool flip() { return below(2) == 0; }
  void fill(Octets octets) {
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random_());
  }
  void fill(KeyContext* context) {
    fill(context->bsid);
    context->count = static_cast<std::uint32_t>(below(kMaxCmacKeyCount + 1));
    context->sas.resize(below(kMaxContextSas + 1));
    for (SecurityAssociation& sa : context->sas) {
      sa = {static_cast<std::uint16_t>(random_()),
            static_cast<std::uint16_t>(1 + below(65'535)),
            {random_(), flip() ? 0 : random_()}};
    }
  }
  void fill(Authentication* authentication, std::uint32_t generation) {
    fill(authentication->pmk.octets());
    fill(authentication->nonce);
    authentication->ak_sn = static_cast<std::uint8_t>(below(16));
    authentication->generation = generation;
    authentication->ends = random_();
    authentication->warning_at = random_();
  }
  void fill(Operation* operation) {
    fill(operation->key.id);
    fill(operation->key.content);
    operation->generation = static_cast<std::uint32_t>(random_());
    fill(operation->bsid);
    operation->count = static_cast<std::uint32_t>(below(kMaxCmacKeyCount + 1));
    operation->with_keys = flip();
    operation->teks.resize(below(kMaxContextSas + 1));
    for (MovedTek& tek : operation->teks) tek = {static_cast<std::uint16_t>(random_()), 7};
  }

  std::mt19937_64 random_;
};

std::vector<std::uint8_t> copy_of(const SecretBuffer& record) {
  return {record.octets().begin(), record.octets().end()};
}

TEST(Record, GoesThereAndBack) {
  RandomAms random(3);
  for (int round = 0; round < 2'000; ++round) {
    const Ams ams = random.make();
    const SecretBuffer record = encode_record(ams);
    Ams back;
    ASSERT_EQ(decode_record(record.octets(), &back).message(), "");
    ASSERT_TRUE(back == ams);
  }
}

TEST(Record, WhatIsCutOffOrGoesOnIsRefused) {
  RandomAms random(4);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::uint8_t> octets = copy_of(encode_record(random.make()));
    Ams back;
    for (std::size_t size = 0; size < octets.size(); ++size) {
      ASSERT_EQ(decode_record(ConstOctets(octets).first(size), &back).code(),
                Code::kInvalidArgument)
          << size << " of " << octets.size();
    }
    octets.push_back(0);
    ASSERT_NE(decode_record(octets, &back).message().find("goes on"), std::string::npos);
    ASSERT_TRUE(back == Ams()) << "nothing is half read";
  }
}

TEST(Record, WhatIsReadIsWrittenTheSameWay) {
  RandomAms random(5);
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::uint8_t> octets = copy_of(encode_record(random.make()));
    octets[random.below(octets.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
    Ams back;
    if (!decode_record(octets, &back).ok()) continue;
    ++read;
    ASSERT_EQ(copy_of(encode_record(back)), octets);
  }
  EXPECT_GT(read, 0);
}

TEST(Record, AnotherFormatIsNamed) {
  std::vector<std::uint8_t> octets = copy_of(encode_record({}));
  octets[0] = 2;
  Ams back;
  EXPECT_NE(decode_record(octets, &back).message().find("format 1"), std::string::npos);
}

TEST(Record, ALatestTimeThatNeverWasIsNamed) {
  Ams ams;
  ams.latest = kNever;
  Ams back;
  EXPECT_NE(decode_record(encode_record(ams).octets(), &back).message().find("latest time"),
            std::string::npos);
}

TEST(Record, NamesAreMsids) {
  const Msid msid = {0x00, 0x1b, 0x11, 0xc9, 0xd5, 0x0c};
  EXPECT_EQ(name_of(msid), "001b11c9d50c");
  EXPECT_EQ(msid_of("001b11c9d50c"), msid);
  for (const char* wrong : {"", "001b11c9d50", "001b11c9d50c0", "001B11C9D50C", "001b11c9d50g"}) {
    EXPECT_EQ(msid_of(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace rekey::contexts
