// SPDX-License-Identifier: Apache-2.0
//
// Who has work here: each caller's share, what it holds, and its place in the order of service.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "scheduler/flow.h"
#include "scheduler/limits.h"
#include "scheduler/priority.h"
#include "scheduler/token_bucket.h"

namespace rekey::scheduler {

/// Holding is what the scheduler keeps for somebody.
struct Holding {
  std::uint64_t requests = 0;
  std::uint64_t items = 0;
  std::uint64_t octets = 0;

  void add(std::uint64_t more_items, std::uint64_t more_octets) {
    ++requests;
    items += more_items;
    octets += more_octets;
  }
  void subtract(std::uint64_t fewer_items, std::uint64_t fewer_octets) {
    --requests;
    items -= fewer_items;
    octets -= fewer_octets;
  }
  bool operator==(const Holding&) const = default;
};

/// Caller is one caller as long as there is something to remember of it.
struct Caller {
  std::string name;
  std::optional<TokenBucket> bucket;  ///< none: no limit on its rate
  Holding held;
  std::array<Flow, kAllPriorities.size()> flows;
  std::list<Caller*>::iterator place;  ///< among those who are idle, or those who hold work
};

/// Callers keeps a caller while it holds work, and those that were here last a while longer: while
/// they are ahead of their share, or their bucket is not full.
class Callers {
 public:
  explicit Callers(Shares shares) : shares_(std::move(shares)) {}

  /// set_shares has callers get other shares from now on. A rate that has not changed goes on as it
  /// stands; a new one starts with its burst.
  void set_shares(Shares shares, std::uint64_t now_us);

  /// find returns a caller that is remembered, else null.
  [[nodiscard]] Caller* find(std::string_view name) const;
  /// admit has a caller hold one more request, and returns it. `vtimes` is how far each priority
  /// has got: whose flows are not beyond it has nothing to be remembered for.
  Caller& admit(std::string_view name, std::uint64_t items, std::uint64_t octets,
                std::uint64_t now_us,
                const std::array<std::uint64_t, kAllPriorities.size()>& vtimes);
  /// release has it hold one request less.
  void release(Caller& caller, std::uint64_t items, std::uint64_t octets);

  /// held returns what all callers hold together.
  [[nodiscard]] const Holding& held() const { return held_; }

  [[nodiscard]] std::size_t remembered() const { return callers_.size(); }
  /// How many callers hold work.
  [[nodiscard]] std::size_t active() const { return callers_.size() - idle_.size(); }

 private:
  Caller& find_or_remember(std::string_view name, std::uint64_t now_us,
                           const std::array<std::uint64_t, kAllPriorities.size()>& vtimes);
  void forget(Caller& caller);
  static void set_weight(Caller& caller, const Share& share);
  static void set_rate(Caller& caller, const Share& share, std::uint64_t now_us);

  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  Shares shares_;
  Holding held_;
  std::unordered_map<std::string, std::unique_ptr<Caller>, Hash, std::equal_to<>> callers_;
  std::list<Caller*> idle_;  ///< who became idle first comes first
  std::list<Caller*> busy_;  ///< in no order
};

}  // namespace rekey::scheduler
