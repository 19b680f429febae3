// SPDX-License-Identifier: Apache-2.0
#include "dispatch/engine_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "service/support/engine_double.h"

namespace rekey::dispatch {
namespace {

using test::EngineDouble;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// A fast engine, a slower one, the stand-in and the referee, all of them doubles.
struct Engines {
  std::vector<std::unique_ptr<Engine>> list;
  EngineDouble* fast;
  EngineDouble* slow;
  EngineDouble* stand_in;
  std::unique_ptr<Engine> owned_referee;
  EngineDouble* referee;

  Engines() : fast(add("fast")), slow(add("slow")), stand_in(add("openssl")) {
    auto double_of_referee = std::make_unique<EngineDouble>("openssl");
    referee = double_of_referee.get();
    owned_referee = std::move(double_of_referee);
  }

  EngineDouble* add(const std::string& name) {
    auto engine = std::make_unique<EngineDouble>(name);
    EngineDouble* raw = engine.get();
    list.push_back(std::move(engine));
    return raw;
  }

  Status make_pool(std::string_view choice = kAutoEngine) {
    return EnginePool::create(
        std::move(list), std::move(owned_referee), choice,
        [this](std::string_view engine, std::string_view reason) {
          alarms.push_back(std::string(engine) + ": " + std::string(reason));
        },
        &pool);
  }

  std::unique_ptr<EnginePool> pool;
  std::vector<std::string> alarms;
};

TEST(EnginePool, AutoTakesTheFirstThatServes) {
  Engines engines;
  ASSERT_EQ(engines.make_pool().message(), "");
  EXPECT_EQ(engines.pool->running(), engines.fast);
  EXPECT_EQ(&engines.pool->stand_in(), engines.stand_in);
  EXPECT_EQ(&engines.pool->referee(), engines.referee);
  const std::vector<EngineStatus> status = engines.pool->status();
  ASSERT_EQ(status.size(), 3U);
  EXPECT_TRUE(status[0].preferred);
  EXPECT_FALSE(status[1].preferred);
  EXPECT_EQ(status[0].state, EngineState::kServing);
  EXPECT_EQ(status[0].reason, "");
}

TEST(EnginePool, AnUnavailableEngineIsPassedOverWithItsReason) {
  Engines engines;
  engines.fast->absent = "no such device";
  ASSERT_EQ(engines.make_pool().message(), "");
  EXPECT_EQ(engines.pool->running(), engines.slow);
  const EngineStatus status = engines.pool->status()[0];
  EXPECT_EQ(status.state, EngineState::kUnavailable);
  EXPECT_THAT(status.reason, HasSubstr("no such device"));
}

TEST(EnginePool, AnEngineWithAWrongKnownAnswerIsRefused) {
  Engines engines;
  engines.fast->then = test::flip_a_bit;
  ASSERT_EQ(engines.make_pool().message(), "");
  EXPECT_EQ(engines.pool->running(), engines.slow);
  const EngineStatus status = engines.pool->status()[0];
  EXPECT_EQ(status.state, EngineState::kRefused);
  EXPECT_THAT(status.reason, HasSubstr("known answer"));
}

TEST(EnginePool, ANamedEngineIsTaken) {
  Engines engines;
  ASSERT_EQ(engines.make_pool("slow"), Status());
  EXPECT_EQ(engines.pool->running(), engines.slow);
}

TEST(EnginePool, ANamedEngineThatCannotServeIsAnError) {
  Engines engines;
  engines.slow->absent = "no such device";
  const Status status = engines.make_pool("slow");
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("slow"), HasSubstr("no such device")));
}

TEST(EnginePool, AnUnknownNameIsAnErrorThatListsTheNames) {
  Engines engines;
  const Status status = engines.make_pool("abacus");
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.message(), "engine: expected one of auto, fast, slow, openssl, found abacus");
}

TEST(EnginePool, APinHoldsFromThenOnAndARefusedOneChangesNothing) {
  Engines engines;
  engines.slow->absent = "no such device";
  ASSERT_TRUE(engines.make_pool().ok());
  ASSERT_TRUE(engines.pool->pin("openssl").ok());
  EXPECT_EQ(engines.pool->running(), engines.stand_in);
  EXPECT_EQ(engines.pool->pin("abacus").code(), Code::kInvalidArgument);
  EXPECT_EQ(engines.pool->pin("slow").code(), Code::kFailedPrecondition);
  EXPECT_EQ(engines.pool->running(), engines.stand_in);
  ASSERT_TRUE(engines.pool->pin(kAutoEngine).ok());
  EXPECT_EQ(engines.pool->running(), engines.fast);
}

TEST(EnginePool, NothingServesWithoutTheStandInAndTheReferee) {
  Engines refused;
  refused.stand_in->then = test::flip_a_bit;
  EXPECT_EQ(refused.make_pool().code(), Code::kFailedPrecondition);

  Engines without_referee;
  without_referee.referee->then = test::flip_a_bit;
  EXPECT_EQ(without_referee.make_pool().code(), Code::kFailedPrecondition);

  Engines absent;
  absent.referee->absent = "no CMAC";
  const Status status = absent.make_pool();
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("no CMAC"));

  Engines missing;
  missing.list.pop_back();
  EXPECT_EQ(missing.make_pool("fast").code(), Code::kFailedPrecondition);
}

TEST(EnginePool, QuarantineRaisesOneAlarmAndMovesOn) {
  Engines engines;
  ASSERT_EQ(engines.make_pool().message(), "");
  engines.pool->quarantine(*engines.fast, "first reason");
  engines.pool->quarantine(*engines.fast, "second reason");
  EXPECT_THAT(engines.alarms, ::testing::ElementsAre("fast: first reason"));
  EXPECT_EQ(engines.pool->running(), engines.slow);
  EXPECT_EQ(engines.pool->status()[0].state, EngineState::kRefused);
  EXPECT_EQ(engines.pool->status()[0].reason, "first reason");
  EXPECT_TRUE(engines.pool->status()[1].preferred);
}

TEST(EnginePool, ANamedEngineInQuarantineGivesWayToTheFastest) {
  Engines engines;
  ASSERT_EQ(engines.make_pool("slow"), Status());
  engines.pool->quarantine(*engines.slow, "wrong");
  EXPECT_EQ(engines.pool->running(), engines.fast);
}

TEST(EnginePool, WithTheStandInOrTheRefereeInQuarantineNothingServes) {
  for (EngineDouble* Engines::*refused : {&Engines::stand_in, &Engines::referee}) {
    Engines engines;
    ASSERT_EQ(engines.make_pool().message(), "");
    engines.pool->quarantine(*(engines.*refused), "wrong");
    EXPECT_EQ(engines.pool->running(), nullptr);
    const std::vector<EngineStatus> status = engines.pool->status();
    ASSERT_EQ(status.size(), 3U) << "operators see the two as one";
    EXPECT_FALSE(status[0].preferred);
    EXPECT_EQ(status[2].state, EngineState::kRefused);
    EXPECT_EQ(status[2].reason, "wrong");
    EXPECT_THAT(engines.alarms, ::testing::ElementsAre("openssl: wrong"));
  }
}

TEST(EnginePool, SelfTestReportsEveryAnswerAndQuarantinesWhatFails) {
  Engines engines;
  engines.slow->absent = "no such device";
  ASSERT_EQ(engines.make_pool().message(), "");
  int answers = 0;
  for (const SelfTestResult& result : engines.pool->self_test()) {
    EXPECT_NE(result.engine, "slow");
    EXPECT_EQ(result.answer.status, Status()) << result.answer.name;
    ++answers;
  }
  EXPECT_GT(answers, 2);

  engines.fast->then = test::flip_a_bit;
  int wrong = 0;
  for (const SelfTestResult& result : engines.pool->self_test()) {
    if (!result.answer.status.ok()) {
      EXPECT_EQ(result.engine, "fast");
      ++wrong;
    }
  }
  EXPECT_GT(wrong, 0);
  EXPECT_EQ(engines.pool->running(), engines.stand_in);
  EXPECT_EQ(engines.alarms.size(), 1U);

  // Healed or not, a self-test lets nobody in again.
  engines.fast->then = nullptr;
  engines.pool->self_test();
  EXPECT_EQ(engines.pool->running(), engines.stand_in);
}

TEST(EnginePool, AProbeLetsARefusedEngineInAgainOnceItsKnownAnswersAreRight) {
  Engines engines;
  ASSERT_EQ(engines.make_pool(), Status());
  std::vector<std::string> returned;
  engines.pool->on_return([&](std::string_view engine) { returned.emplace_back(engine); });
  engines.pool->quarantine(*engines.fast, "wrong");
  engines.fast->then = test::flip_a_bit;
  EXPECT_FALSE(engines.pool->probe(0));
  EXPECT_TRUE(returned.empty());
  EXPECT_FALSE(engines.pool->serves(0));
  EXPECT_EQ(engines.pool->status()[0].reason, "wrong");
  engines.fast->then = nullptr;
  EXPECT_TRUE(engines.pool->probe(0));
  EXPECT_TRUE(engines.pool->serves(0));
  EXPECT_EQ(engines.pool->status()[0].reason, "");
  EXPECT_EQ(engines.pool->running(), engines.fast);
  EXPECT_THAT(returned, ::testing::ElementsAre("fast"));
}

TEST(EnginePool, TheListenerHearsOfEveryQuarantineUntilItIsReplaced) {
  Engines engines;
  ASSERT_EQ(engines.make_pool(), Status());
  std::vector<std::size_t> heard;
  engines.pool->listen([&](std::size_t engine) { heard.push_back(engine); });
  engines.pool->quarantine(*engines.slow, "wrong");
  engines.pool->quarantine(*engines.slow, "wrong again");
  engines.pool->quarantine(*engines.referee, "wrong");
  EXPECT_THAT(heard, ::testing::ElementsAre(1U, 2U));
  engines.pool->listen({});
  engines.pool->quarantine(*engines.fast, "wrong");
  EXPECT_EQ(heard.size(), 2U);
}

TEST(EnginePool, TellsWhichEngineWasChosen) {
  Engines chosen;
  ASSERT_EQ(chosen.make_pool("slow"), Status());
  EXPECT_EQ(chosen.pool->chosen(), 1U);
  Engines any;
  ASSERT_EQ(any.make_pool(), Status());
  EXPECT_FALSE(any.pool->chosen().has_value());
}

TEST(EnginePool, EveryKnownAnswerKeepsAnEngineOutThatHasItWrongAndIsNamed) {
  EngineDouble good("good");
  std::vector<std::string> names;
  for (const KnownAnswerResult& answer : run_known_answers(good)) names.push_back(answer.name);
  std::set<std::string> named;
  for (int call = 0; call < good.calls; ++call) {
    // Without the stand-in and the referee nothing serves; without another engine they do.
    EngineDouble* Engines::*const broken[] = {&Engines::fast, &Engines::stand_in,
                                              &Engines::referee};
    Engines engines;
    EngineDouble& wrong = *(engines.*broken[call % 3]);
    const bool optional = &wrong == engines.fast;
    // Who has nothing to do with it does not derive every known answer again.
    std::erase_if(engines.list, [&](const std::unique_ptr<Engine>& engine) {
      return engine.get() == engines.slow || (engine.get() == engines.fast && !optional);
    });
    wrong.wrong_call = call;
    const Status made = engines.make_pool();
    EXPECT_EQ(made.ok(), optional) << "call " << call;
    const std::string reason = made.ok() ? engines.pool->status()[0].reason : made.message();
    const auto answer = std::ranges::find_if(names, [&](const std::string& name) {
      return reason.find("known answer " + name + ":") != std::string::npos;
    });
    ASSERT_NE(answer, names.end()) << reason;
    named.insert(*answer);
  }
  EXPECT_EQ(named.size(), names.size());
}

TEST(EnginePool, SelfTestReportsTheStandInAndTheRefereeAsOne) {
  Engines engines;
  ASSERT_EQ(engines.make_pool().message(), "");
  const auto answers = [&](bool right) {
    return std::ranges::count_if(engines.pool->self_test(), [&](const SelfTestResult& result) {
      return result.engine == "openssl" && result.answer.status.ok() == right;
    });
  };
  const auto all = answers(true);
  EXPECT_EQ(answers(false), 0);
  engines.referee->then = test::flip_a_bit;
  const auto wrong = answers(false);
  EXPECT_GT(wrong, 0);
  EXPECT_EQ(answers(true), all - wrong);
  EXPECT_EQ(engines.pool->running(), nullptr);
}

}  // namespace
}  // namespace rekey::dispatch
