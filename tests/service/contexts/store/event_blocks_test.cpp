// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/event_blocks.h"

#include <gtest/gtest.h>

#include <map>

namespace rekey::contexts {
namespace {

TEST(EventBlocks, AreReadFromAnyEventOn) {
  constexpr std::uint64_t kFirst = 1'000;
  constexpr std::size_t kEvents = 2 * EventBlockWriter::kMostEvents + 3;
  std::map<std::uint64_t, std::string> blocks;
  EventBlockWriter writer(kFirst, [&](std::uint64_t last, const std::string& block) {
    EXPECT_TRUE(blocks.emplace(last, block).second);
  });
  for (std::size_t i = 0; i < kEvents; ++i) writer.add(std::string(i % 5, static_cast<char>(i)));
  writer.end();
  writer.end();
  ASSERT_EQ(blocks.size(), 3U);
  EXPECT_EQ(blocks.rbegin()->first, kFirst + kEvents - 1);
  for (const std::uint64_t after : {kFirst - 1, kFirst + 100, kFirst + 400, kFirst + kEvents - 1}) {
    std::vector<ContextEvent> events;
    for (const auto& [last, block] : blocks) {
      EXPECT_TRUE(read_event_block(block, last, after, &events));
    }
    ASSERT_EQ(events.size(), kFirst + kEvents - 1 - after);
    std::uint64_t sequence = after;
    for (const ContextEvent& event : events) {
      EXPECT_EQ(event.sequence, ++sequence);
      const std::size_t i = sequence - kFirst;
      EXPECT_EQ(event.octets, std::string(i % 5, static_cast<char>(i)));
    }
  }
}

TEST(EventBlocks, OtherOctetsAreNoBlock) {
  std::string block;
  EventBlockWriter writer(5, [&](std::uint64_t, const std::string& made) { block = made; });
  writer.add("event");
  writer.end();
  std::vector<ContextEvent> events;
  for (std::size_t octets = 1; octets < block.size(); ++octets) {
    EXPECT_FALSE(read_event_block(block.substr(0, octets), 5, 0, &events)) << octets;
  }
  EXPECT_FALSE(read_event_block(block, 0, 0, &events)) << "there is no event before the first";
  EXPECT_FALSE(read_event_block(std::string(8, '\xff'), 5, 0, &events));
  EXPECT_TRUE(events.empty());
}

}  // namespace
}  // namespace rekey::contexts
