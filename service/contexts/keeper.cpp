// SPDX-License-Identifier: Apache-2.0
#include "contexts/keeper.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <tuple>
#include <utility>

#include "contexts/answers.h"
#include "contexts/due.h"
#include "contexts/record.h"

namespace rekey::contexts {
namespace {

/// So often others may get in between before an item is given up.
constexpr int kRounds = 16;
/// AMSs whose timers are seen to together.
constexpr std::size_t kTimersAtOnce = 1'024;
/// When timers whose store did not serve are tried again.
constexpr Millis kTryAgain = 1'000;
/// A record that is written to see whether the store takes writes. It has no content.
const std::string kProbeName = "!probe";
// gRPC codes that librekey does not have.
constexpr int kAborted = 10;
constexpr int kDataLoss = 15;

TimerWheel::Key key_of(const Msid& msid) {
  TimerWheel::Key key = 0;
  for (const std::uint8_t octet : msid) key = key << 8 | octet;
  return key;
}

Msid msid_of_key(TimerWheel::Key key) {
  Msid msid{};
  for (std::size_t i = msid.size(); i-- > 0; key >>= 8) msid[i] = static_cast<std::uint8_t>(key);
  return msid;
}

RecordChange change_of(const Msid& msid, std::string name, const FoundRecord& found,
                       const Outcome& outcome) {
  RecordChange change;
  change.name = std::move(name);
  change.expected_version = found.version;
  if (outcome.ams) change.value = encode_record(*outcome.ams);
  change.events.reserve(outcome.occurrences.size());
  for (const Occurrence& occurrence : outcome.occurrences) {
    change.events.push_back(encode_event(msid, occurrence));
  }
  return change;
}

}  // namespace

Keeper::Keeper(ContextStore* store, dispatch::Dispatcher* dispatcher, LifeClock* clock,
               const Rules& rules, Hooks hooks)
    : store_(store),
      dispatcher_(dispatcher),
      clock_(clock),
      rules_(rules),
      hooks_(std::move(hooks)),
      timers_(0) {}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  time_.notify_all();
  if (timekeeper_.joinable()) timekeeper_.join();
}

Status Keeper::start() {
  std::vector<std::pair<TimerWheel::Key, Millis>> timers;
  Millis latest = 0;
  Status status = store_->for_each([&](const std::string& name, FoundRecord found) {
    std::optional<Ams> ams;
    const std::optional<Msid> msid = msid_of(name);
    if (!decode(name, found, &ams).empty() || !ams || !msid) return;
    latest = std::max(latest, ams->latest);
    timers.emplace_back(key_of(*msid), next_due(*ams));
    note_census(key_of(*msid), ams->state, found.version);
  });
  if (!status.ok()) return status;
  clock_->not_before(latest);
  const std::lock_guard lock(mutex_);
  timers_ = TimerWheel(clock_->now());
  for (const auto& [key, at] : timers) {
    if (at != kNever) timers_.set(key, at);
  }
  timekeeper_ = std::thread([this] { keep_time(); });
  return {};
}

Failure Keeper::serve(const CallerInfo& caller, std::span<const Asked> asked,
                      v1::ContextsResponse* out_response, ServedItems* out_served) {
  out_response->mutable_items()->Reserve(static_cast<int>(asked.size()));
  std::vector<std::size_t> pending;
  pending.reserve(asked.size());
  for (std::size_t item = 0; item < asked.size(); ++item) {
    v1::AmsContexts* answer = out_response->add_items();
    if (asked[item].malformed.ok()) {
      pending.push_back(item);
      continue;
    }
    Answer refused;
    refused.status = asked[item].malformed;
    write_answer(asked[item].msid, refused, answer);
    const std::lock_guard lock(mutex_);
    ++counts_.refusals[static_cast<std::size_t>(Refusal::kMalformed)];
  }
  for (int round = 0; !pending.empty() && round < kRounds; ++round) {
    Failure failure = serve_round(caller, asked, &pending, out_response, out_served);
    if (failure.index() != 0) return failure;
  }
  for (const std::size_t item : pending) {
    v1::AmsContexts* answer = out_response->mutable_items(static_cast<int>(item));
    write_answer(asked[item].msid, {}, answer);
    answer->clear_state();
    write_refusal(kAborted, "others changed this AMS again and again meanwhile: try again", answer);
  }
  for (const v1::AmsContexts& item : out_response->items()) out_served->failed += item.code() != 0;
  return {};
}

/// Noted is what is kept of an outcome until its change is done. The rest goes at once: memory that
/// thousands of AMSs use one after the other stays in the cache.
struct Keeper::Noted {
  Noted(const FoundRecord& found, const Outcome& outcome)
      : version(found.version + (outcome.changed ? 1 : 0)) {
    if (outcome.ams) state = outcome.ams->state;
    if (outcome.ams) due = next_due(*outcome.ams);
    for (const Occurrence& occurrence : outcome.occurrences) {
      if (occurrence.happening == Happening::kDiscarded) discards.push_back(occurrence.cause);
    }
  }
  std::uint64_t version;  ///< the record has this one, or a larger one
  std::optional<AmsState> state;
  Millis due = kNever;
  std::vector<Cause> discards;
};

struct Keeper::Round {
  std::vector<std::string> names;
  std::vector<FoundRecord> found;
  std::vector<RecordChange> changes;
  std::vector<std::size_t> changed;  ///< the place of each change in the vectors above
  std::vector<Noted> noted;          ///< of each change
  std::vector<ChangeOutcome> done;

  void reserve(std::size_t amss) {
    names.reserve(amss);
    changes.reserve(amss);
    changed.reserve(amss);
    noted.reserve(amss);
  }
  void change(std::size_t place, const Msid& msid, const Outcome& outcome) {
    changed.push_back(place);
    noted.emplace_back(found[place], outcome);
    changes.push_back(change_of(msid, names[place], found[place], outcome));
  }
};

Failure Keeper::serve_round(const CallerInfo& caller, std::span<const Asked> asked,
                            std::vector<std::size_t>* pending, v1::ContextsResponse* out_response,
                            ServedItems* out_served) {
  Round round;
  round.reserve(pending->size());
  for (const std::size_t item : *pending) round.names.push_back(name_of(asked[item].msid));
  if (Status s = read(round.names, &round.found); !s.ok()) return s;

  const Millis now = clock_->now();
  std::vector<Wanted> wanted;
  wanted.reserve(pending->size());
  std::vector<std::optional<Refusal>> refusals(pending->size());  // none: damaged
  for (std::size_t place = 0; place < pending->size(); ++place) {
    const Asked& one = asked[(*pending)[place]];
    v1::AmsContexts* answer = out_response->mutable_items(static_cast<int>((*pending)[place]));
    std::optional<Ams> before;
    const std::string damage = decode(round.names[place], round.found[place], &before);
    round.found[place].value = {};
    if (!damage.empty() && std::holds_alternative<Remove>(one.request)) {
      // So it can be cleared away.
      write_answer(one.msid, {}, answer);
      round.change(place, one.msid, {});
      refusals[place] = Refusal::kNone;
      continue;
    }
    if (!damage.empty()) {
      write_answer(one.msid, {}, answer);
      answer->clear_state();
      write_refusal(kDataLoss, "the record of this AMS is no good: " + damage, answer);
      continue;
    }
    const bool look = std::holds_alternative<Look>(one.request);
    Outcome outcome =
        take_step(rules_, std::move(before), look ? nullptr : &one.operation, one.request, now);
    write_answer(one.msid, outcome.answer, answer);
    refusals[place] = outcome.answer.refusal;
    // What time does to a record that is only looked at is left to its timer.
    if (outcome.changed && !look) round.change(place, one.msid, outcome);
    for (std::size_t i = 0; i < outcome.answer.contexts.size(); ++i) {
      AnsweredContext& context = outcome.answer.contexts[i];
      if (!context.derivation) continue;
      wanted.push_back({&one.msid, outcome.answer.profile, outcome.answer.options,
                        std::move(context),
                        answer->mutable_contexts(static_cast<int>(i))->mutable_keys()});
    }
  }

  if (!wanted.empty()) {
    const NoKeys none = derive_keys(dispatcher_, caller, wanted, &out_served->served);
    if (const auto* refused = std::get_if<scheduler::Answer>(&none)) return *refused;
    if (const auto* ended = std::get_if<scheduler::Outcome>(&none)) return *ended;
  }
  if (!round.changes.empty()) {
    if (Status s = write(round.changes, &round.done); !s.ok()) return s;
  }

  std::vector<bool> conflicts(pending->size(), false);
  for (std::size_t change = 0; change < round.changes.size(); ++change) {
    const std::size_t place = round.changed[change];
    if (round.done[change] == ChangeOutcome::kConflict) {
      conflicts[place] = true;
    } else {
      note(asked[(*pending)[place]].msid, round.noted[change]);
    }
  }
  std::vector<std::size_t> left;
  const std::lock_guard lock(mutex_);
  for (std::size_t place = 0; place < pending->size(); ++place) {
    if (conflicts[place]) {
      left.push_back((*pending)[place]);
      ++counts_.conflicts;
    } else if (refusals[place]) {
      ++counts_.refusals[static_cast<std::size_t>(*refusals[place])];
    }
  }
  *pending = std::move(left);
  return {};
}

void Keeper::keep_time() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    std::vector<TimerWheel::Key> due;
    timers_.advance(clock_->now(), kTimersAtOnce, &due);
    if (!due.empty()) {
      lock.unlock();
      pass_time_of(due);
      lock.lock();
      continue;
    }
    if (!store_serves()) {
      // Nobody may ask a service that says that it does not serve.
      lock.unlock();
      probe();
      lock.lock();
    }
    sleeping_until_ = timers_.wake_at();
    // Bounded, since the clock of a test may be moved on by hand.
    const Millis now = clock_->now();
    const Millis span = std::min<Millis>(sleeping_until_ - std::min(sleeping_until_, now), 1'000);
    time_.wait_for(lock, std::chrono::milliseconds(span));
  }
}

void Keeper::pass_time_of(const std::vector<TimerWheel::Key>& due) {
  Round round;
  round.reserve(due.size());
  std::vector<Msid> msids;
  msids.reserve(due.size());
  for (const TimerWheel::Key key : due) msids.push_back(msid_of_key(key));
  for (const Msid& msid : msids) round.names.push_back(name_of(msid));
  const auto again = [&](std::size_t place, Millis delay) {
    const std::lock_guard lock(mutex_);
    timers_.set(due[place], clock_->now() + delay);
  };
  const auto all_again = [&] {
    for (std::size_t place = 0; place < due.size(); ++place) again(place, kTryAgain);
  };
  if (!read(round.names, &round.found).ok()) return all_again();
  const Millis now = clock_->now();
  for (std::size_t place = 0; place < due.size(); ++place) {
    std::optional<Ams> before;
    // A damaged record is told of and left alone; whoever removed it, removed its timer.
    if (!decode(round.names[place], round.found[place], &before).empty() || !before) {
      const std::lock_guard lock(mutex_);
      note_census(due[place], std::nullopt);
      continue;
    }
    const Outcome outcome = pass_time(rules_, std::move(*before), now);
    if (outcome.changed) {
      round.change(place, msids[place], outcome);
    } else {
      note(msids[place], Noted(round.found[place], outcome));
    }
  }
  if (round.changes.empty()) return;
  if (!write(round.changes, &round.done).ok()) return all_again();
  for (std::size_t change = 0; change < round.changes.size(); ++change) {
    const std::size_t place = round.changed[change];
    if (round.done[change] == ChangeOutcome::kConflict) {
      again(place, 0);
    } else {
      note(msids[place], round.noted[change]);
    }
  }
}

Status Keeper::read(std::span<const std::string> names, std::vector<FoundRecord>* out_found) {
  *out_found = std::vector<FoundRecord>(names.size());
  Status status = store_->read(names, *out_found);
  note_store(&reads_serve_, status);
  return status;
}

Status Keeper::write(std::span<const RecordChange> changes,
                     std::vector<ChangeOutcome>* out_outcomes) {
  out_outcomes->assign(changes.size(), ChangeOutcome::kConflict);
  Status status = store_->write(changes, *out_outcomes);
  note_store(&writes_serve_, status);
  if (status.ok()) hooks_.on_events();
  return status;
}

void Keeper::note_store(bool* serves, const Status& status) {
  {
    const std::lock_guard lock(mutex_);
    if (!status.ok()) ++counts_.store_failures;
    if (*serves == status.ok()) return;
  }
  // One at a time: what is told last must be how it is.
  const std::lock_guard telling(telling_);
  {
    const std::lock_guard lock(mutex_);
    const bool before = store_serves();
    *serves = status.ok();
    if (store_serves() == before) return;
  }
  hooks_.on_store(status.message());
}

void Keeper::probe() {
  std::vector<FoundRecord> found;
  if (!read({&kProbeName, 1}, &found).ok()) return;
  const RecordChange change{kProbeName, found[0].version, SecretBuffer(), {}};
  std::vector<ChangeOutcome> outcomes;
  std::ignore = write({&change, 1}, &outcomes);
}

std::string Keeper::decode(const std::string& name, const FoundRecord& found,
                           std::optional<Ams>* out_ams) {
  std::string damage = found.damage;
  if (damage.empty() && found.exists()) {
    damage = decode_record(found.value.octets(), &out_ams->emplace()).message();
  }
  if (damage.empty()) return damage;
  out_ams->reset();
  {
    const std::lock_guard lock(mutex_);
    ++counts_.damaged;
  }
  hooks_.on_damage(name, damage);
  return damage;
}

void Keeper::note(const Msid& msid, const Noted& noted) {
  const TimerWheel::Key key = key_of(msid);
  const std::lock_guard lock(mutex_);
  for (const Cause cause : noted.discards) ++counts_.discards[static_cast<std::size_t>(cause)];
  // Of two changes one after the other, the second may be noted first.
  const auto known = census_.find(key);
  if (known != census_.end() && known->second.version > noted.version) return;
  note_census(key, noted.state, noted.version);
  if (noted.due == kNever) {
    timers_.clear(key);
    return;
  }
  timers_.set(key, noted.due);
  if (noted.due < sleeping_until_) time_.notify_all();
}

void Keeper::note_census(TimerWheel::Key key, std::optional<AmsState> state,
                         std::uint64_t version) {
  const auto known = census_.find(key);
  if (known != census_.end()) --counts_.amss[static_cast<std::size_t>(known->second.state)];
  if (!state) {
    if (known != census_.end()) census_.erase(known);
    return;
  }
  ++counts_.amss[static_cast<std::size_t>(*state)];
  census_.insert_or_assign(key, Known{*state, version});
}

KeeperCounts Keeper::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace rekey::contexts
