// SPDX-License-Identifier: Apache-2.0
#include "scheduler/callers.h"

#include <algorithm>

namespace rekey::scheduler {
namespace {

// Those beyond are forgotten whatever there is to remember: who can pretend to be that many callers
// gains more from that than from being forgotten.
constexpr std::size_t kMostIdle = 1'024;
/// How many idle callers are looked at when a new one comes.
constexpr int kLooks = 2;

}  // namespace

Caller* Callers::find(std::string_view name) const {
  const auto found = callers_.find(name);
  return found == callers_.end() ? nullptr : found->second.get();
}

Caller& Callers::admit(std::string_view name, std::uint64_t items, std::uint64_t octets,
                       std::uint64_t now_us,
                       const std::array<std::uint64_t, kAllPriorities.size()>& vtimes) {
  Caller& caller = find_or_remember(name, now_us, vtimes);
  caller.held.add(items, octets);
  held_.add(items, octets);
  return caller;
}

Caller& Callers::find_or_remember(std::string_view name, std::uint64_t now_us,
                                  const std::array<std::uint64_t, kAllPriorities.size()>& vtimes) {
  if (Caller* known = find(name)) {
    if (known->held.requests == 0) busy_.splice(busy_.end(), idle_, known->place);
    return *known;
  }
  for (int look = 0; look < kLooks && !idle_.empty(); ++look) {
    Caller& oldest = *idle_.front();
    bool owes = oldest.bucket && !oldest.bucket->full(now_us);
    for (std::size_t p = 0; p < vtimes.size(); ++p) owes |= oldest.flows[p].vtime > vtimes[p];
    if (owes && idle_.size() <= kMostIdle) break;
    forget(oldest);
  }
  auto caller = std::make_unique<Caller>();
  caller->name = name;
  set_weight(*caller, shares_.of(name));
  set_rate(*caller, shares_.of(name), now_us);
  Caller& added = *callers_.emplace(name, std::move(caller)).first->second;
  added.place = busy_.insert(busy_.end(), &added);
  return added;
}

void Callers::set_shares(Shares shares, std::uint64_t now_us) {
  const Shares before = std::exchange(shares_, std::move(shares));
  for (const auto& [name, caller] : callers_) {
    const Share& share = shares_.of(name);
    set_weight(*caller, share);
    if (!share.same_rate(before.of(name))) set_rate(*caller, share, now_us);
  }
}

void Callers::set_weight(Caller& caller, const Share& share) {
  for (Flow& flow : caller.flows) flow.weight = std::clamp(share.weight, 1U, Share::kMaxWeight);
}

void Callers::set_rate(Caller& caller, const Share& share, std::uint64_t now_us) {
  caller.bucket.reset();
  if (share.items_per_s > 0) caller.bucket.emplace(share.items_per_s, share.burst_items, now_us);
}

void Callers::release(Caller& caller, std::uint64_t items, std::uint64_t octets) {
  caller.held.subtract(items, octets);
  held_.subtract(items, octets);
  if (caller.held.requests == 0) idle_.splice(idle_.end(), busy_, caller.place);
}

void Callers::forget(Caller& caller) {
  idle_.erase(caller.place);
  callers_.erase(callers_.find(caller.name));
}

}  // namespace rekey::scheduler
