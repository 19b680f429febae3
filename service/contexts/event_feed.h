// SPDX-License-Identifier: Apache-2.0
//
// Reads a store's events for those who watch.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "contexts/store/context_store.h"

namespace rekey::contexts {

/// Watcher is told of events. All of it is called on the feed's thread, without a lock.
class Watcher {
 public:
  enum class Wish : std::uint8_t {
    kNothing,  ///< it is busy with what it has
    kEvents,
    kEnd,
  };
  virtual ~Watcher() = default;
  [[nodiscard]] virtual Wish wish() = 0;
  /// take is called after wish() was kEvents; never with nothing.
  virtual void take(std::vector<ContextEvent> events) = 0;
  /// end is the last call, after wish() was kEnd or with the reason why the feed gives it up:
  /// events after the one it saw last are gone (`lost`), or the feed ends.
  enum class End : std::uint8_t { kWished, kLost, kDraining };
  virtual void end(End why) = 0;
};

/// EventFeed has one thread, that reads when it is poked and twice a second, since others may write
/// to the same store. Thread-safe.
class EventFeed {
 public:
  /// `store` must outlive this object.
  explicit EventFeed(ContextStore* store);
  /// Ends all watchers.
  ~EventFeed();
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  /// add has `watcher` told of events after the one numbered, which is the store's last one to have
  /// it told from now on. It must live until it was told its end, which may be at once.
  void add(Watcher* watcher, std::uint64_t after);
  /// poke says that there are events, or that a watcher's wish has changed.
  void poke();
  /// begin_drain ends all watchers, and those that come.
  void begin_drain();

 private:
  /// Pass is one visit to all watchers.
  struct Pass {
    bool draining = false;
    bool store_serves = true;  ///< until a read failed: a store that is gone is waited for once
    bool more = false;         ///< somebody may not have seen everything
  };

  void run();
  /// Tells one watcher what there is, and moves `*after` on. False when it was told its end.
  bool tend(Watcher* watcher, std::uint64_t* after, Pass* pass);

  ContextStore* store_;
  std::mutex mutex_;
  std::condition_variable poked_;
  bool is_poked_ = false;
  bool draining_ = false;
  bool stopping_ = false;
  std::map<Watcher*, std::uint64_t> new_;
  std::map<Watcher*, std::uint64_t> watchers_;  ///< the thread's own, with the last event each saw
  std::thread thread_;
};

}  // namespace rekey::contexts
