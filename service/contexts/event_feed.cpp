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
    stopping_ = draining_ = true;
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

bool EventFeed::tend(Watcher* watcher, std::uint64_t* after, bool draining, bool* out_more) {
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
  const bool read = store_->read_events(*after, kPage, &page).ok();
  if (read && !page.complete) {
    watcher->end(Watcher::End::kLost);
    return false;
  }
  if (read && !page.events.empty()) {
    *after = page.next_after;
    *out_more = true;
    watcher->take(std::move(page.events));
    return true;
  }
  // It has seen everything.
  if (draining) watcher->end(Watcher::End::kDraining);
  return !draining;
}

void EventFeed::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    watchers_.merge(new_);
    const bool draining = draining_;
    is_poked_ = false;
    lock.unlock();
    bool more = false;
    for (auto next = watchers_.begin(); next != watchers_.end();) {
      auto& [watcher, after] = *next;
      next = tend(watcher, &after, draining, &more) ? std::next(next) : watchers_.erase(next);
    }
    lock.lock();
    if (stopping_ && watchers_.empty() && new_.empty()) return;
    if (!more) poked_.wait_for(lock, kInterval, [this] { return is_poked_; });
  }
}

}  // namespace rekey::contexts
