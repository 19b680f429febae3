// SPDX-License-Identifier: Apache-2.0
//
// The waiting work, and whose turn it is: weighted fair queueing by virtual time.
//
// Every flow (a caller's work of one priority) has a virtual time: the effort it was served with,
// divided by its weight. The flow with the least comes next. One that begins to wait starts where
// the priority as a whole has got to, so that nobody saves up turns by being quiet.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>

#include "scheduler/group_key.h"
#include "scheduler/priority.h"
#include "scheduler/request.h"

namespace rekey::scheduler {

/// Rank orders flows.
struct Rank {
  std::uint64_t vtime = 0;
  std::uint64_t order = 0;
  Flow* flow = nullptr;

  bool operator<(const Rank& other) const {
    return vtime != other.vtime ? vtime < other.vtime : order < other.order;
  }
};

/// Group is all requests that may share a batch.
struct Group {
  GroupKey key;
  std::uint64_t requests = 0;  ///< that refer to it
  struct Waiting {
    /// A flow may stand where it was once: it has not gone forward since. It takes its place when
    /// it comes first, since it may have work of many groups, and is served with that of one.
    std::set<Rank> flows{};
    std::uint64_t effort = 0;
  };
  std::array<Waiting, kAllPriorities.size()> waiting{};
};

/// Backlog orders the requests of which some AMSs wait.
class Backlog {
  template <typename Array>
  static auto& at(Array& array, Priority priority) {
    return array[static_cast<std::size_t>(priority)];
  }

 public:
  /// `lead` is how much effort a flow of weight 1 may be ahead of a waiting flow of another group
  /// and still fill up a batch.
  explicit Backlog(std::uint64_t lead) : lead_(lead * kVtimePerEffort) {}

  /// group returns the group of a key, for one more request. Each is given back once.
  Group& group(const GroupKey& key);
  void give_back(Group& group);

  /// add has a request wait in its place by arrival. It has AMSs that wait.
  void add(Request& request);
  /// remove takes it out of the order.
  void remove(Request& request);
  /// is_next says whether a request would be the first of its priority if it joined the order now.
  [[nodiscard]] bool is_next(const Request& request) const;
  /// passed_by takes note of `effort` for a request that is handed out whole and never was in the
  /// order, and of whose flow nothing is: as add() and served() would.
  void passed_by(Request& request, std::uint64_t effort);
  /// served takes note of `effort` for a request in the order, which stays there while it has AMSs
  /// that wait. What is done again is not charged to its caller: `charged` is false.
  void served(Request& request, std::uint64_t effort, bool charged);

  /// How many requests are in the order.
  [[nodiscard]] std::size_t requests() const { return requests_; }
  [[nodiscard]] bool empty() const { return requests_ == 0; }
  [[nodiscard]] bool empty(Priority priority) const { return at(flows_, priority).empty(); }
  /// first returns the oldest request of the flow whose turn it is. There is one.
  [[nodiscard]] Request& first(Priority priority) const;
  /// next_of returns the request that joins a batch of `group` next; null when nobody waits or may.
  [[nodiscard]] Request* next_of(Group& group, Priority priority);
  /// alone says whether one flow at most waits with work of `group`.
  [[nodiscard]] bool alone(const Group& group, Priority priority) const {
    return at(group.waiting, priority).flows.size() <= 1;
  }
  [[nodiscard]] std::uint64_t waiting_effort(const Group& group, Priority priority) const {
    return at(group.waiting, priority).effort;
  }
  [[nodiscard]] std::uint64_t waiting_effort() const { return waiting_effort_; }

  /// vtimes returns how far each priority has got.
  [[nodiscard]] const std::array<std::uint64_t, kAllPriorities.size()>& vtimes() const {
    return vtimes_;
  }

 private:
  /// Fine enough that dividing by a weight loses nothing that counts, and coarse enough that 64
  /// bits last for years of full load.
  static constexpr std::uint64_t kVtimePerEffort = 1'024;

  /// So many groups stay although nobody refers to them: the next request is of one of them.
  static constexpr std::size_t kIdleGroups = 16;

  static Rank rank(Flow& flow) { return {flow.vtime, flow.order, &flow}; }
  static Rank rank(Flow& flow, const Line& line) { return {line.vtime, flow.order, &flow}; }
  void count_effort(Request& request, std::uint64_t effort);
  void charge(Request& request, std::uint64_t effort);

  const std::uint64_t lead_;
  std::map<GroupKey, Group> groups_;
  Group* latest_ = nullptr;  ///< of groups_: the next request most likely is of it too
  std::array<std::set<Rank>, kAllPriorities.size()> flows_;
  std::array<std::uint64_t, kAllPriorities.size()> vtimes_{};
  std::size_t requests_ = 0;
  std::uint64_t next_order_ = 0;
  std::uint64_t waiting_effort_ = 0;
};

}  // namespace rekey::scheduler
