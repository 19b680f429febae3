// SPDX-License-Identifier: Apache-2.0
#include "contexts/event_feed.h"

#include <chrono>
#include <iterator>
#include <utility>

namespace rekey::contexts {
namespace {

constexpr std::size_t kPage = 1'024;
constexpr std::chrono::milliseconds kInterval{500};

}  // namespace

EventFeed::EventFeed(ContextStore* store) : store_(store), thread_([this] { run(); }) {}

EventFeed::~EventFeed() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = draining_ = is_poked_ = true;
  }
  poked_.notify_all();
  thread_.join();
}

void EventFeed::add(Watcher* watcher, std::uint64_t after) {
  {
    const std::lock_guard lock(mutex_);
    new_[watcher] = after;
    is_poked_ = true;
  }
  poked_.notify_all();
}

void EventFeed::poke() {
  {
    const std::lock_guard lock(mutex_);
    is_poked_ = true;
  }
  poked_.notify_all();
}

void EventFeed::begin_drain() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  poke();
}

bool EventFeed::tend(Watcher* watcher, std::uint64_t* after, Pass* pass) {
  switch (watcher->wish()) {
    case Watcher::Wish::kNothing:
      return true;
    case Watcher::Wish::kEnd:
      watcher->end(Watcher::End::kWished);
      return false;
    case Watcher::Wish::kEvents:
      break;
  }
  EventPage page;
  if (pass->store_serves) {
    pass->store_serves = store_->read_events(*after, kPage, &page).ok();
  }
  if (pass->store_serves && !page.complete) {
    watcher->end(Watcher::End::kLost);
    return false;
  }
  if (pass->store_serves && !page.events.empty()) {
    *after = page.next_after;
    pass->more = true;
    watcher->take(std::move(page.events));
    return true;
  }
  // It has seen everything, as far as can be known.
  if (pass->draining) watcher->end(Watcher::End::kDraining);
  return !pass->draining;
}

void EventFeed::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    watchers_.merge(new_);
    Pass pass{.draining = draining_};
    is_poked_ = false;
    lock.unlock();
    for (auto next = watchers_.begin(); next != watchers_.end();) {
      auto& [watcher, after] = *next;
      next = tend(watcher, &after, &pass) ? std::next(next) : watchers_.erase(next);
    }
    lock.lock();
    if (stopping_ && watchers_.empty() && new_.empty()) return;
    if (!pass.more) poked_.wait_for(lock, kInterval, [this] { return is_poked_; });
  }
}

}  // namespace rekey::contexts
