// SPDX-License-Identifier: Apache-2.0
//
// The edge of the core: it reads records, lets the core decide, has keys derived, writes, and keeps
// the timers.
//
// A request is answered in this order: one read of the store, the core, the engines, one write,
// the answer. So what is answered is durable, and a count moves only when its keys are there. Where
// somebody else changed a record between read and write, that item alone is done again.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "contexts/derive.h"
#include "contexts/life.h"
#include "contexts/life_clock.h"
#include "contexts/requests.h"
#include "contexts/store/context_store.h"
#include "contexts/timer_wheel.h"
#include "rekey/v1/key_contexts.pb.h"

namespace rekey::contexts {

/// KeeperCounts is what has happened since the start, and how many AMSs are known now.
struct KeeperCounts {
  std::array<std::uint64_t, kAllStates.size()> amss{};  ///< by AmsState; of kAbsent: remembered
  std::array<std::uint64_t, kCauses + 1> discards{};    ///< contexts, by Cause
  std::array<std::uint64_t, kRefusals> refusals{};      ///< items, by Refusal
  std::uint64_t conflicts = 0;                          ///< items that were done again
  std::uint64_t damaged = 0;                            ///< records that were found damaged
  std::uint64_t store_failures = 0;
};

/// Failure is why a request was not served as a whole: the store, or the engines.
using Failure = std::variant<std::monostate, Status, scheduler::Answer, scheduler::Outcome>;

/// ServedItems says how a request was served.
struct ServedItems {
  dispatch::Served served;
  std::uint32_t failed = 0;  ///< items with a code of their own
};

/// Keeper serves requests, from any thread, and waits while it does.
class Keeper {
 public:
  struct Hooks {
    /// Events were appended to the store. Must not wait.
    std::function<void()> on_events = [] {};
    /// The store does not serve any more (with the reason), or does again (empty).
    std::function<void(const std::string& reason)> on_store = [](const std::string&) {};
    /// A record is damaged. Told once for each time it is found.
    std::function<void(const std::string& name, const std::string& damage)> on_damage =
        [](const std::string&, const std::string&) {};
  };

  /// The pointers must outlive this object. `store` holds plain values: sealing is below it.
  Keeper(ContextStore* store, dispatch::Dispatcher* dispatcher, LifeClock* clock,
         const Rules& rules, Hooks hooks);
  /// Ends the timers.
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  /// start reads all records, for their timers, and then lets time pass. To be called once, before
  /// anything is served. Damaged records are passed over.
  Status start();

  /// serve does all items of a request and writes its answer.
  Failure serve(const CallerInfo& caller, std::span<const Asked> asked,
                v1::ContextsResponse* out_response, ServedItems* out_served);

  [[nodiscard]] KeeperCounts counts() const;
  [[nodiscard]] ContextStore* store() { return store_; }

 private:
  struct Round;
  struct Noted;
  /// One read, one derivation and one write; what conflicted stays in `*pending`.
  Failure serve_round(const CallerInfo& caller, std::span<const Asked> asked,
                      std::vector<std::size_t>* pending, v1::ContextsResponse* out_response,
                      ServedItems* out_served);
  void keep_time();
  /// Lets happen what is due for some AMSs.
  void pass_time_of(const std::vector<TimerWheel::Key>& due);
  Status read(std::span<const std::string> names, std::vector<FoundRecord>* out_found);
  Status write(std::span<const RecordChange> changes, std::vector<ChangeOutcome>* out_outcomes);
  /// What a read or a write says of `*serves`: whether reads, or writes, do.
  void note_store(bool* serves, const Status& status);
  [[nodiscard]] bool store_serves() const { return reads_serve_ && writes_serve_; }
  /// Finds out whether the store serves again.
  void probe();
  /// What is there, or why it is no record.
  std::string decode(const std::string& name, const FoundRecord& found,
                     std::optional<Ams>* out_ams);
  /// What a change that was done means to timers and counts.
  void note(const Msid& msid, const Noted& noted);
  /// `state` is that of the record's version, or of a later one.
  void note_census(TimerWheel::Key key, std::optional<AmsState> state, std::uint64_t version = 0);

  ContextStore* store_;
  dispatch::Dispatcher* dispatcher_;
  LifeClock* clock_;
  const Rules rules_;
  const Hooks hooks_;

  mutable std::mutex mutex_;
  std::condition_variable time_;
  TimerWheel timers_;
  Millis sleeping_until_ = 0;
  struct Known {
    AmsState state;
    std::uint64_t version;  ///< the record's, at least
  };
  std::unordered_map<TimerWheel::Key, Known> census_;
  KeeperCounts counts_;
  std::mutex telling_;  ///< held while Hooks::on_store is called; mutex_ is locked within
  bool reads_serve_ = true, writes_serve_ = true;
  bool stopping_ = false;
  std::thread timekeeper_;
};

}  // namespace rekey::contexts
