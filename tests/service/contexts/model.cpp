// SPDX-License-Identifier: Apache-2.0
#include "service/contexts/model.h"

#include <algorithm>

namespace rekey::contexts::test {

ModelAms::Context* ModelAms::find(Role role, std::optional<std::uint8_t> bsid) {
  for (Context& context : contexts_) {
    if (context.shown.role == role && (!bsid || context.shown.bsid == *bsid)) return &context;
  }
  return nullptr;
}

void ModelAms::erase(Role role) {
  std::erase_if(contexts_, [role](const Context& c) { return c.shown.role == role; });
}

bool ModelAms::has_target() const {
  return std::ranges::any_of(contexts_,
                             [](const Context& c) { return c.shown.role == Role::kTarget; });
}

ModelAms::Context ModelAms::make(Role role, std::uint8_t bsid, std::uint32_t count) const {
  Context context;
  context.shown = {role, bsid, count, false, pmk_, {}};
  context.pmk_ends = pmk_ends_;
  context.older_ends = context.newer_ends = tek_lifetime_ == kNever ? kNever : now_ + tek_lifetime_;
  return context;
}

void ModelAms::discard_targets() {
  for (const Context& context : contexts_) {
    if (context.shown.role == Role::kTarget && context.seamless) {
      expected_ = std::max(expected_, context.shown.count + 1);
    }
  }
  erase(Role::kTarget);
}

void ModelAms::live_until(Millis now) {
  for (;;) {
    if (known_ && pmk_ends_ <= now_) {
      known_ = false;
      contexts_.clear();
    }
    std::erase_if(contexts_, [this](const Context& c) { return c.pmk_ends <= now_; });
    if (has_target() && !suspended_ && disconnect_ <= now_ && find(Role::kServing) != nullptr) {
      suspended_ = true;
      retain_ends_ = retain_for_ == kNever ? kNever : now_ + retain_for_;
    }
    if (suspended_ && retain_ends_ <= now_) {
      erase(Role::kServing);
      erase(Role::kOld);
    }
    for (Context& context : contexts_) {
      if (context.older_ends <= now_) context.older_ends = 0;
      if (context.newer_ends <= now_) context.newer_ends = 0;
    }
    if (now_ >= now) return;
    ++now_;
  }
}

bool ModelAms::establish(std::uint8_t bsid, std::uint8_t pmk, Millis lifetime,
                         Millis tek_lifetime) {
  if (known_) return false;
  *this = ModelAms(now_);
  known_ = true;
  pmk_ = pmk;
  pmk_ends_ = now_ + lifetime;
  tek_lifetime_ = tek_lifetime;
  contexts_.push_back(make(Role::kServing, bsid, 0));
  return true;
}

bool ModelAms::start(const StartHandover& asked) {
  if (!known_ || !asked.omit_pkm) return false;
  const std::uint8_t bsid = asked.target[5];
  const std::uint32_t count = asked.count.value_or(expected_);
  if (count > 65'535) return false;
  Context* target = find(Role::kTarget, bsid);
  const Context* at_serving = find(Role::kServing, bsid);
  // M = B: cached keys.
  if (target != nullptr && target->shown.count == count) return true;
  if (target == nullptr && at_serving != nullptr && at_serving->shown.count == count) return true;
  // M < B, or used before.
  if (count < expected_) return false;
  if (target != nullptr && count < target->shown.count) return false;
  if (target == nullptr && std::ranges::count(contexts_, Role::kTarget,
                                              [](const Context& c) { return c.shown.role; }) >= 8) {
    return false;
  }
  if (target != nullptr) {
    if (target->seamless) expected_ = std::max(expected_, target->shown.count + 1);
    contexts_.erase(contexts_.begin() + (target - contexts_.data()));
  }
  const bool serves = find(Role::kServing) != nullptr && !suspended_;
  Context made = make(Role::kTarget, bsid, count);
  made.seamless = asked.seamless;
  contexts_.push_back(made);
  if (serves) {
    const bool at_once = !asked.reentry_mode_1 && asked.disconnection_time == 0;
    disconnect_ = at_once                         ? now_
                  : asked.disconnection_time == 0 ? kNever
                                                  : now_ + asked.disconnection_time;
    retain_for_ = asked.resource_retain_time;
  }
  return true;
}

bool ModelAms::complete(std::uint8_t bsid) {
  Context* target = find(Role::kTarget, bsid);
  if (target == nullptr) return false;
  Context adopted = *target;
  adopted.shown.role = Role::kServing;
  expected_ = std::max(expected_, adopted.shown.count + 1);
  discard_targets();
  contexts_ = {adopted};
  suspended_ = false;
  disconnect_ = retain_for_ = retain_ends_ = kNever;
  return true;
}

bool ModelAms::cancel(std::optional<std::uint8_t> bsid) {
  if (!has_target()) return false;
  if (bsid) {
    Context* target = find(Role::kTarget, bsid);
    if (target == nullptr) return false;
    if (target->seamless) expected_ = std::max(expected_, target->shown.count + 1);
    contexts_.erase(contexts_.begin() + (target - contexts_.data()));
    if (has_target()) return true;
  }
  discard_targets();
  suspended_ = false;
  disconnect_ = retain_for_ = retain_ends_ = kNever;
  return true;
}

bool ModelAms::update_tek() {
  Context* serving = find(Role::kServing);
  if (serving == nullptr || suspended_) return false;
  ++serving->counter;
  serving->older_ends = serving->newer_ends;
  serving->newer_ends = tek_lifetime_ == kNever ? kNever : now_ + tek_lifetime_;
  return true;
}

bool ModelAms::reauthenticate(std::optional<std::uint8_t> bsid, std::uint8_t pmk, Millis lifetime) {
  if (!known_) return false;
  Context* serving = find(Role::kServing);
  if (!bsid && serving == nullptr) return false;
  const std::uint8_t place = bsid.value_or(serving == nullptr ? 0 : serving->shown.bsid);
  std::vector<Context> kept;
  if (serving != nullptr && !suspended_) {
    kept.push_back(*serving);
    kept.back().shown.role = Role::kOld;
  }
  contexts_ = kept;
  pmk_ = pmk;
  pmk_ends_ = now_ + lifetime;
  expected_ = 1;
  suspended_ = false;
  disconnect_ = retain_for_ = retain_ends_ = kNever;
  contexts_.push_back(make(Role::kServing, place, 0));
  return true;
}

bool ModelAms::first_tek_used() {
  if (find(Role::kOld) == nullptr) return false;
  erase(Role::kOld);
  return true;
}

bool ModelAms::remove() {
  if (!known_) return false;
  *this = ModelAms(now_);
  return true;
}

std::set<ModelAms::Held> ModelAms::held() const {
  std::set<Held> held;
  for (const Context& context : contexts_) {
    Held shown = context.shown;
    shown.usable = shown.role == Role::kTarget ? context.seamless : !suspended_;
    if (context.older_ends != 0) shown.teks.insert(context.counter - 1);
    if (context.newer_ends != 0) shown.teks.insert(context.counter);
    held.insert(shown);
  }
  return held;
}

}  // namespace rekey::contexts::test
