// SPDX-License-Identifier: Apache-2.0
//
// One timer for each AMS, as a hierarchical timing wheel (Varghese and Lauck): time is handed in,
// there is no thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace rekey::contexts {

/// TimerWheel holds at most one timer under each key. Setting and clearing take constant time.
/// Advancing takes time for the timers that are due or come down a level, and for occupied slots:
/// slots that are empty are passed over, however many timers wait in others.
class TimerWheel {
 public:
  using Key = std::uint64_t;

  /// The wheel stands at `now`, in ticks.
  explicit TimerWheel(std::uint64_t now);

  /// set has the timer of `key` fire at `at`, instead of any time before; at once when that has
  /// passed.
  void set(Key key, std::uint64_t at);
  /// clear removes the timer of `key` if there is one.
  void clear(Key key);

  /// advance moves on to `now` and appends to `*out_due` the keys of at most `limit` timers that
  /// are due by then, earliest slot first; they are removed. When there are more, the wheel stands
  /// still before them: call again. A time before the present one is taken for the present.
  void advance(std::uint64_t now, std::size_t limit, std::vector<Key>* out_due);

  /// wake_at returns when to call advance() next: never later than the earliest timer, and not
  /// before something is to be done. kNoTimer when there is none.
  [[nodiscard]] std::uint64_t wake_at() const;

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// slots_visited counts slots that advance() has looked into: its work.
  [[nodiscard]] std::uint64_t slots_visited() const { return slots_visited_; }

  static constexpr std::uint64_t kNoTimer = UINT64_MAX;

 private:
  static constexpr unsigned kSlotBits = 6;
  static constexpr std::size_t kSlots = std::size_t{1} << kSlotBits;
  static constexpr std::size_t kLevels = 8;  ///< 2^48 ticks: 8,900 years of milliseconds
  static constexpr std::uint64_t kSpan = std::uint64_t{1} << (kSlotBits * kLevels);

  struct Timer {
    Key key;
    std::uint64_t at;
  };
  struct Place {
    std::uint8_t level;
    std::uint8_t slot;
    std::uint32_t index;
  };
  struct Level {
    std::uint64_t occupied = 0;  ///< bit s: slot s is not empty
    std::array<std::vector<Timer>, kSlots> slots;
  };

  void insert(const Timer& timer, Place* out_place);
  void remove(const Place& place);
  /// The slot that comes next and when; level kLevels when there is none.
  struct Next {
    std::size_t level = kLevels;
    std::size_t slot = 0;
    std::uint64_t at = kNoTimer;
  };
  [[nodiscard]] Next next() const;

  std::uint64_t now_;
  std::array<Level, kLevels> levels_;
  std::unordered_map<Key, Place> places_;
  std::uint64_t slots_visited_ = 0;
};

}  // namespace rekey::contexts
