// SPDX-License-Identifier: Apache-2.0
//
// The steps that the specification names, one by one. Random histories are in life_model_test.cpp.
#include "contexts/life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "contexts/due.h"

namespace rekey::contexts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Bsid kServingBsid = {0, 0, 0, 0, 0, 1};
constexpr Bsid kTarget = {0, 0, 0, 0, 0, 2};
constexpr Bsid kOtherTarget = {0, 0, 0, 0, 0, 3};
constexpr Millis kStart = 1'764'000'000'000;

/// One AMS and a clock.
class LifeTest : public testing::Test {
 protected:
  NewAuthentication authentication(Millis lifetime = 3'600'000) {
    NewAuthentication made;
    made.pmk.octets()[0] = ++pmks_;
    made.nonce_bs = Nonce{1};
    made.lifetime = lifetime;
    return made;
  }

  Answer ask(const Request& request) {
    ++operation_.id[0];
    return repeat(request);
  }

  /// As the request before.
  Answer repeat(const Request& request) {
    Outcome outcome = take_step(rules, ams, &operation_, request, now);
    return take(std::move(outcome));
  }

  Answer take(Outcome outcome) {
    changed = outcome.changed;
    ams = std::move(outcome.ams);
    happened.clear();
    for (const Occurrence& o : outcome.occurrences) happened.emplace_back(o.happening, o.cause);
    return outcome.answer;
  }

  Answer establish(Millis lifetime = 3'600'000) {
    return ask(
        Establish{kServingBsid, Profile::k16mDraft, {}, authentication(lifetime), {7}, kNever});
  }

  static StartHandover handover(const Bsid& target = kTarget) {
    StartHandover asked;
    asked.target = target;
    asked.omit_pkm = true;
    asked.disconnection_time = 100;
    asked.resource_retain_time = 1'000;
    return asked;
  }

  AmsState state() { return ams ? ams->state : AmsState::kAbsent; }

  Rules rules;
  Millis now = kStart;
  std::optional<Ams> ams;
  bool changed = false;
  std::vector<std::pair<Happening, Cause>> happened;
  OperationKey operation_;

 private:
  std::uint8_t pmks_ = 0;
};

TEST_F(LifeTest, AHandoverFromPreparationToHoComplete) {
  const Answer first = establish();
  ASSERT_EQ(first.status, Status());
  EXPECT_EQ(first.next_count, 1U);
  EXPECT_THAT(happened, ElementsAre(std::pair(Happening::kDerived, Cause::kEstablished),
                                    std::pair(Happening::kUsable, Cause::kEstablished)));

  const Answer started = ask(handover());
  ASSERT_EQ(started.status, Status());
  EXPECT_EQ(started.state, AmsState::kPreparing);
  ASSERT_EQ(started.contexts.size(), 1U);
  EXPECT_EQ(started.contexts[0].count, 1U);
  EXPECT_FALSE(started.contexts[0].usable);
  EXPECT_EQ(started.contexts[0].teks, (std::vector<TekInfo>{{7, 0, kNever}, {7, 1, kNever}}));
  ASSERT_TRUE(started.contexts[0].derivation);
  EXPECT_EQ(started.contexts[0].derivation->authentication.nonce, Nonce{1});
  EXPECT_EQ(started.next_count, 1U) << "the count moves when the AMS has arrived";

  const Answer completed = ask(CompleteHandover{kTarget});
  EXPECT_EQ(completed.state, AmsState::kServing);
  EXPECT_EQ(completed.next_count, 2U);
  EXPECT_THAT(happened, ElementsAre(std::pair(Happening::kDiscarded, Cause::kHoComplete),
                                    std::pair(Happening::kUsable, Cause::kHoComplete)));
}

TEST_F(LifeTest, CountsDoNotStartOverUnderAPmkThatTheAmsHas) {
  const NewAuthentication first = authentication();
  ask(Establish{kServingBsid, Profile::k16mDraft, {}, first, {7}, kNever});
  const NewAuthentication second = authentication();
  ask(handover());
  const std::optional<Ams> before = ams;
  EXPECT_EQ(ask(Reauthenticate{{}, first}).status.code(), Code::kInvalidArgument);
  EXPECT_EQ(ams, before);
  EXPECT_EQ(ask(Reauthenticate{{}, second}).status, Status());
  EXPECT_EQ(ask(Reauthenticate{{}, first}).status.code(), Code::kInvalidArgument)
      << "the old context is still under it";
  EXPECT_EQ(ask(Reauthenticate{{}, second}).status.code(), Code::kInvalidArgument);
}

TEST_F(LifeTest, TheServingContextEndsAtItsTimes) {
  establish();
  ask(handover());
  EXPECT_EQ(next_due(*ams), now + 100);
  now += 100;
  take(pass_time(rules, *ams, now));
  EXPECT_EQ(state(), AmsState::kSwitching);
  EXPECT_THAT(happened, ElementsAre(std::pair(Happening::kSuspended, Cause::kDisconnectionTime)));
  now += 999;
  take(pass_time(rules, *ams, now));
  EXPECT_FALSE(changed);
  now += 1;
  take(pass_time(rules, *ams, now));
  EXPECT_EQ(state(), AmsState::kEntering);
  EXPECT_THAT(happened, ElementsAre(std::pair(Happening::kDiscarded, Cause::kResourceRetainTime)));
}

TEST_F(LifeTest, WhatIsDueHappensBeforeWhatIsAskedHoweverLateTheTimer) {
  establish();
  ask(handover());
  now += 5'000;
  const Answer cancelled = ask(CancelHandover{});
  EXPECT_EQ(cancelled.state, AmsState::kRegistered);
  EXPECT_THAT(happened, ElementsAre(std::pair(Happening::kSuspended, Cause::kDisconnectionTime),
                                    std::pair(Happening::kDiscarded, Cause::kResourceRetainTime),
                                    std::pair(Happening::kDiscarded, Cause::kCancelled)));
}

TEST_F(LifeTest, BitOneClearMeansFullReauthentication) {
  establish();
  StartHandover asked = handover();
  asked.omit_pkm = false;
  const Answer refused = ask(asked);
  EXPECT_EQ(refused.status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(refused.status.message(), HasSubstr("bit #1 is clear; re-authentication is due"));
  EXPECT_TRUE(ams->reauthentication_due);
  EXPECT_THAT(happened,
              ElementsAre(std::pair(Happening::kReauthenticationDue, Cause::kPkmNotOmitted)));
  ask(asked);
  EXPECT_TRUE(happened.empty()) << "it is said once";
  EXPECT_FALSE(changed);
}

TEST_F(LifeTest, ARepetitionGetsTheSameAnswerAndMovesNothing) {
  establish();
  const Answer first = ask(handover());
  const Answer again = repeat(handover());
  EXPECT_FALSE(changed);
  EXPECT_TRUE(happened.empty());
  ASSERT_EQ(again.contexts.size(), 1U);
  EXPECT_EQ(again.contexts[0].count, first.contexts[0].count);
  EXPECT_TRUE(again.contexts[0].derivation);
  operation_.content[0] ^= 1;
  const Answer other = repeat(handover());
  EXPECT_EQ(other.status.code(), Code::kInvalidArgument);
  EXPECT_THAT(other.status.message(), HasSubstr("operation_id"));
}

TEST_F(LifeTest, ARepetitionDoesNotBringDiscardedKeysBack) {
  establish();
  ask(handover());
  const OperationKey started = operation_;
  ask(CancelHandover{});
  operation_ = started;
  const Answer again = repeat(handover());
  EXPECT_EQ(again.refusal, Refusal::kKeysGone);
  EXPECT_FALSE(changed);
}

TEST_F(LifeTest, WhatIsNeverDueDoesNotHappenAtTheEndOfTimeEither) {
  establish(kNever);
  EXPECT_EQ(next_due(*ams), ams->authentication.warning_at);
  take(pass_time(rules, *ams, kNever));
  EXPECT_EQ(state(), AmsState::kServing);
  EXPECT_THAT(happened, ElementsAre(std::pair(Happening::kPmkExpiring, Cause::kPmkLifetime)));
}

TEST_F(LifeTest, ARemovalIsRemembered) {
  establish();
  ask(Remove{});
  EXPECT_EQ(state(), AmsState::kAbsent);
  EXPECT_EQ(repeat(Remove{}).status, Status());
  EXPECT_EQ(ask(Remove{}).status.code(), Code::kNotFound);
  now = next_due(*ams);
  const Outcome forgotten = pass_time(rules, *ams, now);
  EXPECT_TRUE(forgotten.changed);
  EXPECT_FALSE(forgotten.ams);
}

TEST_F(LifeTest, ATargetCancelledMayBeTriedAgainWithTheSameCountUnlessItsTeksWereUsable) {
  establish();
  for (const bool seamless : {false, true}) {
    StartHandover asked = handover();
    asked.count = 4;
    asked.seamless = seamless;
    EXPECT_EQ(ask(asked).status, Status());
    ask(CancelHandover{});
  }
  StartHandover asked = handover();
  asked.count = 4;
  EXPECT_EQ(ask(asked).refusal, Refusal::kStaleCount);
  asked.count = 5;
  EXPECT_EQ(ask(asked).status, Status());
}

TEST_F(LifeTest, AStaleCountIsToldWhichOnesAreNot) {
  establish();
  StartHandover asked = handover();
  asked.count = 5;
  ask(asked);
  asked.count = 3;
  EXPECT_THAT(ask(asked).status.message(), HasSubstr("expected 5 or at least 6, found 3"));
  asked.target = kOtherTarget;
  asked.count = 0;
  EXPECT_THAT(ask(asked).status.message(), HasSubstr("expected at least 1, found 0"));
}

TEST_F(LifeTest, TheLastCountIsServedAndNoneAfterIt) {
  establish();
  StartHandover asked = handover();
  asked.count = 65'535;
  EXPECT_EQ(ask(asked).status, Status());
  EXPECT_TRUE(ams->reauthentication_due);
  EXPECT_EQ(ask(CompleteHandover{kTarget}).next_count, 65'536U);
  EXPECT_THAT(ask(handover(kOtherTarget)).status.message(), HasSubstr("none is left"));
  EXPECT_EQ(ask(Reauthenticate{{}, authentication()}).next_count, 1U);
  EXPECT_EQ(ask(handover(kOtherTarget)).status, Status());
}

TEST_F(LifeTest, TekUpdatesMoveTheCounterAndKeepTwo) {
  establish();
  const Answer updated = ask(UpdateTek{{7}});
  ASSERT_EQ(updated.contexts.size(), 1U);
  EXPECT_EQ(updated.contexts[0].teks, (std::vector<TekInfo>{{7, 1, kNever}, {7, 2, kNever}}));
  EXPECT_EQ(updated.contexts[0].derivation->teks, (std::vector<MovedTek>{{7, 2}}));
  EXPECT_TRUE(updated.contexts[0].derivation->teks_alone);
  EXPECT_EQ(ask(UpdateTek{{8}}).status.code(), Code::kInvalidArgument);
  ams->serving->sas[0].counter = 65'535;
  EXPECT_EQ(ask(UpdateTek{}).refusal, Refusal::kCountSpent);
  EXPECT_TRUE(ams->reauthentication_due);
}

TEST_F(LifeTest, AfterReauthenticationTheOldContextStaysUntilTheFirstTekIsUsed) {
  establish();
  const Answer renewed = ask(Reauthenticate{{}, authentication()});
  EXPECT_EQ(renewed.contexts.size(), 1U);
  const Outcome look = take_step(rules, ams, nullptr, Look{true}, now);
  ASSERT_EQ(look.answer.contexts.size(), 2U);
  EXPECT_EQ(look.answer.contexts[1].role, Role::kOld);
  EXPECT_TRUE(look.answer.contexts[1].usable);
  ask(FirstTekUsed{});
  EXPECT_THAT(happened, ElementsAre(std::pair(Happening::kDiscarded, Cause::kFirstTekUsed)));
  EXPECT_EQ(ask(FirstTekUsed{}).refusal, Refusal::kNoOldContext);
}

TEST_F(LifeTest, TheOldContextIsSaidToEndNoLaterThanWhatItStaysBeside) {
  establish(10'000);
  ask(Reauthenticate{{}, authentication(2'000)});
  const auto old_ends = [&] {
    const Outcome look = take_step(rules, ams, nullptr, Look{}, now);
    return look.answer.contexts.back().role == Role::kOld ? look.answer.contexts.back().ends : 0;
  };
  EXPECT_EQ(old_ends(), kStart + 2'000) << "the new PMK's lifetime ends everything";
  ask(handover());
  EXPECT_EQ(old_ends(), kStart + 100) << "Disconnection_Time";
  now += 100;
  EXPECT_EQ(old_ends(), kStart + 1'100) << "Resource_Retain_Time";
}

TEST_F(LifeTest, APmkIsAnnouncedToExpireAndTakesEverythingWithIt) {
  establish(10'000);
  now += 9'000;
  take(pass_time(rules, *ams, now));
  EXPECT_THAT(happened, ElementsAre(std::pair(Happening::kPmkExpiring, Cause::kPmkLifetime)));
  now += 1'000;
  take(pass_time(rules, *ams, now));
  EXPECT_THAT(happened, ElementsAre(std::pair(Happening::kDiscarded, Cause::kPmkLifetime)));
  EXPECT_EQ(state(), AmsState::kAbsent);
}

TEST_F(LifeTest, AClockThatGoesBackMovesNothingAndLengthensNothing) {
  establish(10'000);
  now += 6'000;
  ask(UpdateTek{});
  now -= 5'000;
  ask(UpdateTek{});
  EXPECT_EQ(ams->latest, kStart + 6'000);
  EXPECT_EQ(ams->authentication.ends, kStart + 10'000);
  take(pass_time(rules, *ams, kStart + 10'000));
  EXPECT_EQ(state(), AmsState::kAbsent);
}

TEST_F(LifeTest, ACandidateTooManyIsRefused) {
  establish();
  for (std::uint8_t number = 10; number < 18; ++number) {
    EXPECT_EQ(ask(handover({0, 0, 0, 0, 0, number})).status, Status());
  }
  EXPECT_EQ(ask(handover()).status.code(), Code::kResourceExhausted);
  ask(CompleteHandover{{0, 0, 0, 0, 0, 12}});
  EXPECT_EQ(happened.size(), 9U) << "the serving one, seven candidates, and one that is usable";
}

TEST_F(LifeTest, WhatAStateDoesNotAllowNamesStateAndEvent) {
  EXPECT_THAT(ask(CompleteHandover{kTarget}).status.message(),
              HasSubstr("CompleteHandover in the state absent"));
  establish();
  const Answer refused = ask(CompleteHandover{kTarget});
  EXPECT_EQ(refused.status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(refused.status.message(), "CompleteHandover in the state serving is not allowed");
  EXPECT_EQ(establish().refusal, Refusal::kState);
}

TEST_F(LifeTest, AnEstablishmentWithoutItsNonceIsRefused) {
  NewAuthentication bare = authentication();
  bare.nonce_bs.reset();
  const Answer refused = ask(Establish{kServingBsid, Profile::k16mDraft, {}, bare, {}, kNever});
  EXPECT_THAT(refused.status.message(), HasSubstr("nonce_bs: expected 8 octets"));
  EXPECT_FALSE(changed);
}

}  // namespace
}  // namespace rekey::contexts
