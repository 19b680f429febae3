// SPDX-License-Identifier: Apache-2.0
#include "contexts/state_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace rekey::contexts {
namespace {

using enum AmsState;
using Where = std::set<AmsState>;
using ::testing::Contains;

const Where kLive = {kServing, kPreparing, kSwitching, kEntering, kRegistered};
const Where kHandover = {kPreparing, kSwitching, kEntering};

/// Where an event may lead, from sections 5 and 6 of the specification; not there: not allowed.
std::map<AmsState, std::map<Event, Where>> expected() {
  std::map<AmsState, std::map<Event, Where>> all;
  all[kAbsent] = {{Event::kEstablish, {kServing}}, {Event::kForgetTime, {kAbsent}}};
  for (const AmsState state : kLive) {
    auto& row = all[state];
    row[Event::kStartHandover] = {state};
    row[Event::kReauthenticate] = {state, kServing};
    row[Event::kRemove] = row[Event::kPmkLifetime] = {kAbsent};
    row[Event::kFirstTekUsed] = row[Event::kOldLifetime] = {state};
    row[Event::kTekLifetime] = row[Event::kPmkWarning] = {state};
  }
  for (const AmsState state : {kServing, kPreparing}) {
    all[state][Event::kStartHandover] = {state, kPreparing, kSwitching};
    all[state][Event::kUpdateTek] = {state};
  }
  for (const AmsState state : {kEntering, kRegistered}) {
    all[state][Event::kStartHandover] = {state, kEntering};
  }
  for (const AmsState state : kHandover) {
    all[state][Event::kCompleteHandover] = {state, kServing};
    all[state][Event::kCancelHandover] = {state, state == kEntering ? kRegistered : kServing};
  }
  all[kPreparing][Event::kDisconnectionTime] = {kSwitching};
  all[kSwitching][Event::kResourceRetainTime] = {kEntering};
  return all;
}

TEST(StateTable, AllowsInEveryStateWhatTheSpecificationAllows) {
  auto all = expected();
  for (const AmsState state : kAllStates) {
    for (const Event event : kAllEvents) {
      Where reached;
      for (const Row& row : state_table()) {
        if (row.event == event && row.states.contains(state)) reached.insert(row.next_from(state));
      }
      EXPECT_EQ(reached, all[state][event]) << to_string(state) << " x " << to_string(event);
      EXPECT_EQ(find_row(state, event, Facts()) == nullptr, reached.empty())
          << to_string(state) << " x " << to_string(event)
          << ": an allowed event has a row that always applies";
    }
  }
}

TEST(StateTable, HasNoRowThatNeverApplies) {
  for (const Row& row : state_table()) {
    Facts facts;
    facts.set(row.guard);
    for (const AmsState state : kAllStates) {
      if (row.states.contains(state)) {
        const Row* found = find_row(state, row.event, facts);
        ASSERT_NE(found, nullptr);
        EXPECT_EQ(found->number, row.number) << to_string(state);
      }
    }
  }
}

TEST(StateTable, RefusesBeforeItMoves) {
  Facts facts;
  facts.set(Guard::kPkmNotOmitted);
  facts.set(Guard::kCountStale);
  facts.set(Guard::kLeavesAtOnce);
  EXPECT_EQ(find_row(kServing, Event::kStartHandover, facts)->number, 2);
}

TEST(StateTable, NumbersItsRowsAndSaysWhy) {
  int number = 0;
  for (const Row& row : state_table()) {
    EXPECT_EQ(row.number, ++number);
    EXPECT_FALSE(row.why.empty()) << number;
  }
}

TEST(StateTable, EverySentenceOfTheSeedHasItsRow) {
  std::set<int> numbers;
  for (const Row& row : state_table()) numbers.insert(row.number);
  EXPECT_EQ(seed_sentences().size(), 8U);
  for (const Sentence& sentence : seed_sentences()) {
    EXPECT_FALSE(sentence.rows.empty()) << sentence.text;
    for (const int row : sentence.rows) EXPECT_THAT(numbers, Contains(row)) << sentence.text;
  }
}

}  // namespace
}  // namespace rekey::contexts
