// SPDX-License-Identifier: Apache-2.0
#include "contexts/timer_wheel.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace rekey::contexts {

TimerWheel::TimerWheel(std::uint64_t now) : now_(now) {}

void TimerWheel::set(Key key, std::uint64_t at) {
  const auto [found, is_new] = places_.try_emplace(key);
  if (!is_new) remove(found->second);
  insert({key, at}, &found->second);
}

void TimerWheel::clear(Key key) {
  const auto found = places_.find(key);
  if (found == places_.end()) return;
  remove(found->second);
  places_.erase(found);
}

void TimerWheel::insert(const Timer& timer, Place* out_place) {
  // What is farther off than the wheel reaches waits halfway around and is put in again there.
  const std::uint64_t at = std::clamp(timer.at, now_, now_ + kSpan / 2);
  // The level is that of the highest digit in which the time differs from the present: within it,
  // no slot comes around a second time.
  const std::uint64_t difference = at ^ now_;
  const std::size_t level =
      difference == 0
          ? 0
          : std::min<std::size_t>((std::bit_width(difference) - 1) / kSlotBits, kLevels - 1);
  const std::size_t slot = (at >> (level * kSlotBits)) % kSlots;
  std::vector<Timer>& timers = levels_[level].slots[slot];
  *out_place = {static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(slot),
                static_cast<std::uint32_t>(timers.size())};
  timers.push_back(timer);
  levels_[level].occupied |= std::uint64_t{1} << slot;
}

void TimerWheel::remove(const Place& place) {
  Level& level = levels_[place.level];
  std::vector<Timer>& timers = level.slots[place.slot];
  if (place.index + 1 != timers.size()) {
    timers[place.index] = timers.back();
    places_.at(timers[place.index].key).index = place.index;
  }
  timers.pop_back();
  if (timers.empty()) {
    timers = {};
    level.occupied &= ~(std::uint64_t{1} << place.slot);
  }
}

TimerWheel::Next TimerWheel::next() const {
  // Everything on a lower level is due before anything on a higher one.
  for (std::size_t level = 0; level < kLevels; ++level) {
    const std::uint64_t occupied = levels_[level].occupied;
    if (occupied == 0) continue;
    const unsigned shift = static_cast<unsigned>(level) * kSlotBits;
    const auto here = static_cast<int>((now_ >> shift) % kSlots);
    const auto ahead = static_cast<std::size_t>(std::countr_zero(std::rotr(occupied, here)));
    const std::uint64_t at = ((now_ >> shift) + ahead) << shift;
    return {level, (static_cast<std::size_t>(here) + ahead) % kSlots, std::max(at, now_)};
  }
  return {};
}

std::uint64_t TimerWheel::wake_at() const { return next().at; }

void TimerWheel::advance(std::uint64_t now, std::size_t limit, std::vector<Key>* out_due) {
  for (std::size_t taken = 0;;) {
    const Next first = next();
    if (first.at > now) {
      now_ = std::max(now_, now);
      return;
    }
    if (taken == limit) return;
    ++slots_visited_;
    now_ = first.at;
    std::vector<Timer>& timers = levels_[first.level].slots[first.slot];
    if (first.level == 0) {
      while (!timers.empty() && taken < limit) {
        out_due->push_back(timers.back().key);
        clear(timers.back().key);
        ++taken;
      }
      continue;
    }
    // Its timers come down to the levels below.
    levels_[first.level].occupied &= ~(std::uint64_t{1} << first.slot);
    for (const Timer& timer : std::exchange(timers, {})) insert(timer, &places_.at(timer.key));
  }
}

}  // namespace rekey::contexts
