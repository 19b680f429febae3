// SPDX-License-Identifier: Apache-2.0
//
// One caller's waiting work.
#pragma once

#include <cstdint>
#include <list>
#include <map>

namespace rekey::scheduler {

class Request;
struct Group;

/// Line is the work of one flow and one group, in order of arrival.
struct Line {
  std::uint64_t vtime = 0;  ///< of the flow, as the group's order has it: that, or what it was once
  std::list<Request*> requests{};
};

/// Flow is one caller's waiting work of one priority.
struct Flow {
  std::uint32_t weight = 1;
  /// How much of the engines it has had, divided by its weight: who has least comes next.
  std::uint64_t vtime = 0;
  std::uint64_t vtime_rest = 0;  ///< what the division left over, so that small turns add up
  std::uint64_t order = 0;       ///< among equals: who began to wait first
  std::map<const Group*, Line> lines{};             ///< none is empty; in no order that counts
  std::map<std::uint64_t, Line*> lines_by_first{};  ///< the same, by arrival of their first request
};

}  // namespace rekey::scheduler
