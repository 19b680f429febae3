// SPDX-License-Identifier: Apache-2.0
//
// From samples to figures; keys that are wrong.
#include "contexts/contexts_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contexts/registered.h"
#include "rekey/engines.h"

namespace rekey::bench {
namespace {

TEST(SummarizeWays, ComparesWithTheBatchRoundByRound) {
  // The machine is half as fast in the second round: no ratio moves.
  const std::vector<WayFigures> figures = summarize_ways(
      {{"memory", {0.5, 1}, {0.25, 0.5}}, {"batch", {0.125, 0.25}, {0.1, 0.1}}}, 300);
  ASSERT_EQ(figures.size(), 2U);
  EXPECT_EQ(figures[0].p50, 0.5);
  EXPECT_EQ(figures[0].p99, 1);
  EXPECT_EQ(figures[0].ams_per_second, 400);
  EXPECT_EQ(figures[0].times_batch.min, 4);
  EXPECT_EQ(figures[0].times_batch.max, 4);
  EXPECT_EQ(figures[0].server_cpu_seconds.median, 0.375);
}

TEST(RegisteredAmss, FindsAnItemThatWasRefusedAndAKeyThatIsMissing) {
  std::unique_ptr<RegisteredAmss> amss;
  ASSERT_EQ(RegisteredAmss::make(3, &amss), Status());
  EXPECT_EQ(amss->establish().items_size(), 3);
  EXPECT_NE(amss->start(1).operation_id(), amss->start(2).operation_id());
  v1::ContextsResponse answer;
  const auto referee = make_openssl_engine();
  EXPECT_THAT(amss->check(answer, 1, *referee).message(), testing::HasSubstr("number of AMSs"));
  for (int i = 0; i < 3; ++i) answer.add_items()->add_contexts();
  EXPECT_THAT(amss->check(answer, 1, *referee).message(), testing::HasSubstr("msid_star"));
  answer.mutable_items(2)->set_code(5);
  EXPECT_THAT(amss->check(answer, 1, *referee).message(), testing::HasSubstr("item 2"));
}

}  // namespace
}  // namespace rekey::bench
