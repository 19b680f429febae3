// SPDX-License-Identifier: Apache-2.0
#include "contexts/life.h"

#include <algorithm>
#include <utility>

#include "contexts/count_rule.h"
#include "contexts/due.h"
#include "contexts/held.h"
#include "contexts/shown.h"

namespace rekey::contexts {
namespace {

Millis later(Millis from, Millis span) { return span > kNever - from ? kNever : from + span; }

SecurityAssociation* find_sa(KeyContext* context, std::uint16_t said) {
  const auto found = std::ranges::find(context->sas, said, &SecurityAssociation::said);
  return found == context->sas.end() ? nullptr : &*found;
}

/// Life is one step of one AMS.
class Life {
 public:
  Life(const Rules& rules, std::optional<Ams> before, Millis now)
      : rules_(rules),
        now_(before ? std::max(now, before->latest) : now),
        there_(before.has_value()) {
    if (before) ams_ = std::move(*before);
  }

  /// Everything that is due, in order.
  void let_happen() {
    for (Due due = first_due(ams_); due.at != kNever && due.at <= now_; due = first_due(ams_)) {
      at_ = due.at;
      const Row* row = find_row(ams_.state, due.event, Facts());
      // Only what its state makes due is due.
      ams_.state = row->next_from(ams_.state);
      changed_ = true;
      switch (row->action) {
        case Action::kDropAll:
          drop_all(Cause::kPmkLifetime);
          break;
        case Action::kDropOld:
          drop_old(Cause::kPmkLifetime);
          break;
        case Action::kSuspend:
          suspend(Cause::kDisconnectionTime);
          break;
        case Action::kDropServing:
          drop_serving(Cause::kResourceRetainTime);
          break;
        case Action::kDropTeks:
          drop_teks();
          break;
        case Action::kAnnouncePmkEnd:
          ams_.authentication.warning_at = kNever;
          say(Happening::kPmkExpiring, Cause::kPmkLifetime);
          break;
        default:  // kForget
          ams_ = {};
          there_ = false;
          break;
      }
    }
    at_ = now_;
  }

  void answer(const OperationKey* operation, const Request& request) {
    at_ = now_;
    if (const auto* look = std::get_if<Look>(&request)) {
      answer_look(*look);
      return;
    }
    const auto known = std::ranges::find(ams_.operations, operation->id,
                                         [](const Operation& done) { return done.key.id; });
    if (there_ && known != ams_.operations.end()) {
      repeat(*known, operation->content);
      return;
    }
    done_ = {};
    done_.key = *operation;
    std::visit([this](const auto& asked) { run(asked); }, request);
    if (!answer_.status.ok()) return;
    changed_ = there_ = true;
    if (ams_.operations.size() == kMaxOperations) ams_.operations.erase(ams_.operations.begin());
    ams_.operations.push_back(done_);
    // A span of zero ends at once.
    let_happen();
    finish_answer();
  }

  Outcome outcome() && {
    Outcome outcome;
    outcome.changed = changed_;
    if (there_) {
      ams_.latest = now_;
      outcome.ams = std::move(ams_);
    }
    outcome.occurrences = std::move(occurrences_);
    outcome.answer = std::move(answer_);
    return outcome;
  }

 private:
  // Telling.

  void say(Happening happening, Cause cause) {
    occurrences_.push_back({at_, happening, cause, {}, {}});
  }
  void say(Happening happening, Cause cause, Role role, const KeyContext& context,
           std::optional<MovedTek> tek = {}) {
    occurrences_.push_back(
        {at_, happening, cause, Occurrence::Where{role, context.bsid, context.count}, tek});
  }

  void refuse(Refusal refusal, Code code, std::string message) {
    answer_ = {};
    answer_.refusal = refusal;
    answer_.status = {code, std::move(message)};
  }

  /// The row for an event; null when it was refused, by the state or by a guard.
  const Row* permit(Event event, const Facts& facts, const std::string& found = {}) {
    const Row* row = find_row(ams_.state, event, facts);
    if (row != nullptr && row->action != Action::kRefuse &&
        row->action != Action::kDemandReauthentication) {
      return row;
    }
    const std::string where =
        std::string(to_string(event)) + " in the state " + std::string(to_string(ams_.state));
    if (row == nullptr) {
      if (ams_.state == AmsState::kAbsent) {
        refuse(Refusal::kUnknownMsid, Code::kNotFound,
               "msid: expected a registered AMS, found none: " + where);
      } else {
        refuse(Refusal::kState, Code::kFailedPrecondition, where + " is not allowed");
      }
      return nullptr;
    }
    std::string message = where + ": " + std::string(to_string(row->guard)) + found;
    if (row->action == Action::kDemandReauthentication) {
      message += "; re-authentication is due";
      demand_reauthentication(row->guard == Guard::kPkmNotOmitted ? Cause::kPkmNotOmitted
                              : row->guard == Guard::kCountStale  ? Cause::kStaleCount
                                                                  : Cause::kCountNearEnd);
    }
    refuse(refusal_of(row->guard), code_of(row->guard), std::move(message));
    return nullptr;
  }

  static Refusal refusal_of(Guard guard) {
    switch (guard) {
      case Guard::kPkmNotOmitted:
        return Refusal::kPkmNotOmitted;
      case Guard::kCountStale:
        return Refusal::kStaleCount;
      case Guard::kTargetsFull:
        return Refusal::kTooManyTargets;
      case Guard::kTargetUnknown:
        return Refusal::kUnknownTarget;
      case Guard::kSaidUnknown:
        return Refusal::kUnknownSaid;
      case Guard::kTekCounterSpent:
        return Refusal::kCountSpent;
      case Guard::kPlaceUnknown:
        return Refusal::kUnknownPlace;
      case Guard::kNoOldContext:
        return Refusal::kNoOldContext;
      default:
        return Refusal::kState;
    }
  }

  static Code code_of(Guard guard) {
    switch (guard) {
      case Guard::kTargetsFull:
        return Code::kResourceExhausted;
      case Guard::kSaidUnknown:
      case Guard::kPlaceUnknown:
        return Code::kInvalidArgument;
      default:
        return Code::kFailedPrecondition;
    }
  }

  void demand_reauthentication(Cause cause) {
    if (ams_.reauthentication_due) return;
    ams_.reauthentication_due = true;
    changed_ = true;
    say(Happening::kReauthenticationDue, cause);
  }

  // What is asked.

  void run(const Establish& asked) {
    const Row* row = permit(Event::kEstablish, {});
    if (row == nullptr) return;
    Ams fresh;
    fresh.profile = asked.profile;
    fresh.options = asked.options;
    fresh.tek_lifetime = asked.tek_lifetime;
    fresh.saids = asked.saids;
    fresh.authentication.generation = ams_.authentication.generation;
    fresh.operations = std::move(ams_.operations);
    if (!take_nonce(asked.authentication, &fresh)) {
      ams_.operations = std::move(fresh.operations);
      return;
    }
    ams_ = std::move(fresh);
    begin(asked.authentication);
    ams_.state = row->next_from(ams_.state);
    serve_anew(asked.bsid, Cause::kEstablished);
  }

  void run(const StartHandover& asked) {
    const std::uint32_t count = asked.count.value_or(ams_.next_count);
    const KeyContext* held = held_at(asked.target);
    const auto held_count = held == nullptr ? std::nullopt : std::optional(held->count);
    const bool spent = count > kMaxCmacKeyCount;
    const CountVerdict verdict =
        spent ? CountVerdict::kStale : judge_count(count, ams_.next_count, held_count);
    Facts facts;
    facts.set(Guard::kPkmNotOmitted, !asked.omit_pkm);
    facts.set(Guard::kCountStale, verdict == CountVerdict::kStale);
    facts.set(Guard::kCountCached, verdict == CountVerdict::kCached);
    facts.set(Guard::kTargetsFull, ams_.targets.size() >= kMaxTargets &&
                                       find_target(asked.target) == ams_.targets.end());
    facts.set(Guard::kLeavesAtOnce, !asked.reentry_mode_1 && asked.disconnection_time == 0);
    std::string found;
    if (asked.omit_pkm && verdict == CountVerdict::kStale) {
      const std::string cached = held == nullptr ? "" : std::to_string(held->count) + " or ";
      found = spent ? ": none is left"
                    : ": expected " + cached + "at least " +
                          std::to_string(lowest_fresh(ams_.next_count, held_count)) + ", found " +
                          std::to_string(count);
    }
    const Row* row = permit(Event::kStartHandover, facts, found);
    if (row == nullptr) return;
    if (row->action == Action::kServeCached) {
      about(asked.target, count);
      return;
    }
    if (const auto before = find_target(asked.target); before != ams_.targets.end()) {
      drop(*before, Cause::kHandover);
      ams_.targets.erase(before);
    }
    ams_.targets.push_back({make_context(asked.target, count), asked.seamless});
    const KeyContext& made = ams_.targets.back().context;
    say(Happening::kDerived, Cause::kHandover, Role::kTarget, made);
    if (asked.seamless) {
      say(Happening::kUsable, Cause::kSeamlessHandover, Role::kTarget, made);
    }
    if (in_use(ams_.state)) {
      ams_.reentry_mode_1 = asked.reentry_mode_1;
      ams_.disconnect_at =
          asked.disconnection_time == 0 ? kNever : later(now_, asked.disconnection_time);
      ams_.retain_for = asked.resource_retain_time;
    }
    ams_.state = row->next_from(ams_.state);
    if (row->action == Action::kPrepareAndSuspend) suspend(Cause::kHandover);
    if (near_end(next_after(ams_.next_count, count), rules_.count_margin)) {
      demand_reauthentication(Cause::kCountNearEnd);
    }
    about(asked.target, count);
  }

  void run(const CompleteHandover& asked) {
    Facts facts;
    const auto target = find_target(asked.target);
    facts.set(Guard::kTargetUnknown, target == ams_.targets.end());
    facts.set(Guard::kReentryMode1, ams_.reentry_mode_1);
    const Row* row = permit(Event::kCompleteHandover, facts);
    if (row == nullptr) return;
    const Cause cause =
        row->action == Action::kAdoptAtReentry ? Cause::kReentry : Cause::kHoComplete;
    TargetContext adopted = std::move(*target);
    ams_.targets.erase(target);
    drop_serving(cause);
    drop_targets(cause);
    ams_.next_count = next_after(ams_.next_count, adopted.context.count);
    ams_.serving = std::move(adopted.context);
    if (!adopted.seamless) say(Happening::kUsable, cause, Role::kServing, *ams_.serving);
    end_handover();
    ams_.state = row->next_from(ams_.state);
    if (near_end(ams_.next_count, rules_.count_margin)) {
      demand_reauthentication(Cause::kCountNearEnd);
    }
    about(asked.target, ams_.serving->count, false);
  }

  void run(const CancelHandover& asked) {
    Facts facts;
    const auto target = asked.target ? find_target(*asked.target) : ams_.targets.begin();
    facts.set(Guard::kTargetUnknown, target == ams_.targets.end());
    facts.set(Guard::kTargetsRemain, asked.target && ams_.targets.size() > 1);
    const Row* row = permit(Event::kCancelHandover, facts);
    if (row == nullptr) return;
    if (row->action == Action::kDropTarget) {
      drop(*target, Cause::kCancelled);
      ams_.targets.erase(target);
      return;
    }
    drop_targets(Cause::kCancelled);
    end_handover();
    if (ams_.state == AmsState::kSwitching) {
      say(Happening::kUsable, Cause::kCancelled, Role::kServing, *ams_.serving);
    }
    ams_.state = row->next_from(ams_.state);
  }

  void run(const UpdateTek& asked) {
    Facts facts;
    std::vector<std::uint16_t> saids = asked.saids;
    if (ams_.serving) {
      if (saids.empty()) {
        for (const SecurityAssociation& sa : ams_.serving->sas) saids.push_back(sa.said);
      }
      facts.set(Guard::kSaidUnknown, saids.empty());
      for (const std::uint16_t said : saids) {
        const SecurityAssociation* sa = find_sa(&*ams_.serving, said);
        facts.set(Guard::kSaidUnknown, sa == nullptr);
        facts.set(Guard::kTekCounterSpent, sa != nullptr && sa->counter == kMaxTekCounter);
      }
    }
    if (permit(Event::kUpdateTek, facts) == nullptr) return;
    for (const std::uint16_t said : saids) {
      SecurityAssociation& sa = *find_sa(&*ams_.serving, said);
      ++sa.counter;
      sa.ends = {sa.ends[1], later(now_, ams_.tek_lifetime)};
      done_.teks.push_back({said, sa.counter});
      say(Happening::kTekUpdated, Cause::kTekLifetime, Role::kServing, *ams_.serving,
          done_.teks.back());
      if (kMaxTekCounter - sa.counter < rules_.count_margin) {
        demand_reauthentication(Cause::kCountNearEnd);
      }
    }
    about(ams_.serving->bsid, ams_.serving->count);
  }

  void run(const Reauthenticate& asked) {
    Facts facts;
    facts.set(Guard::kPlaceUnknown, !asked.bsid && !ams_.serving);
    const Row* row = permit(Event::kReauthenticate, facts);
    if (row == nullptr) return;
    if (asked.authentication.pmk == ams_.authentication.pmk ||
        (ams_.old && asked.authentication.pmk == ams_.old->authentication.pmk)) {
      refuse(Refusal::kMalformed, Code::kInvalidArgument,
             "new_pmk.pmk: expected another PMK than before, since CMAC_KEY_COUNT starts over and "
             "would repeat keys, found one that the AMS has");
      return;
    }
    const Bsid bsid = asked.bsid ? *asked.bsid : ams_.serving->bsid;
    const Authentication before = ams_.authentication;
    drop_targets(Cause::kReauthenticated);
    drop_old(Cause::kReauthenticated);
    if (row->action == Action::kRenew) {
      ams_.old = {before, std::move(*ams_.serving)};
    } else {
      drop_serving(Cause::kReauthenticated);
    }
    end_handover();
    // It has a nonce already: this cannot fail.
    std::ignore = take_nonce(asked.authentication, &ams_);
    begin(asked.authentication);
    ams_.state = row->next_from(ams_.state);
    serve_anew(bsid, Cause::kReauthenticated);
  }

  void run(const FirstTekUsed&) {
    Facts facts;
    facts.set(Guard::kNoOldContext, !ams_.old);
    if (permit(Event::kFirstTekUsed, facts) == nullptr) return;
    drop_old(Cause::kFirstTekUsed);
  }

  void run(const Remove&) {
    const Row* row = permit(Event::kRemove, {});
    if (row == nullptr) return;
    ams_.state = row->next_from(ams_.state);
    drop_all(Cause::kRemoved);
  }

  void run(const Look&) {}

  // Parts of actions.

  /// False, with the answer set, when the profile takes a nonce and there is none.
  bool take_nonce(const NewAuthentication& from, Ams* to) {
    if (!takes_nonce(to->profile, to->options)) return true;
    const bool draft = to->profile == Profile::k16mDraft;
    const std::optional<Nonce>& nonce = draft ? from.nonce_bs : from.nonce_ams;
    if (nonce) to->authentication.nonce = *nonce;
    if (nonce || to->authentication.ends != kNever) return true;
    refuse(Refusal::kMalformed, Code::kInvalidArgument,
           std::string("authentication.") + (draft ? "nonce_bs" : "nonce_ams") +
               ": expected 8 octets, since " + std::string(rekey::to_string(to->profile)) +
               " takes it, found 0");
    return false;
  }

  /// The nonce is already there.
  void begin(const NewAuthentication& from) {
    Authentication& authentication = ams_.authentication;
    authentication.pmk = from.pmk;
    authentication.ak_sn = from.ak_sn;
    ++authentication.generation;
    authentication.ends = later(now_, from.lifetime);
    authentication.warning_at =
        authentication.ends - std::min(rules_.pmk_warning, from.lifetime / 10);
    ams_.next_count = next_after(0, 0);
    ams_.reauthentication_due = false;
  }

  [[nodiscard]] KeyContext make_context(const Bsid& bsid, std::uint32_t count) const {
    KeyContext context{bsid, count, {}};
    const Millis ends = later(now_, ams_.tek_lifetime);
    context.sas.reserve(ams_.saids.size());
    for (const std::uint16_t said : ams_.saids) context.sas.push_back({said, 1, {ends, ends}});
    return context;
  }

  void serve_anew(const Bsid& bsid, Cause cause) {
    ams_.serving = make_context(bsid, 0);
    say(Happening::kDerived, cause, Role::kServing, *ams_.serving);
    say(Happening::kUsable, cause, Role::kServing, *ams_.serving);
    about(bsid, 0);
  }

  void end_handover() {
    ams_.reentry_mode_1 = false;
    ams_.disconnect_at = ams_.retain_for = ams_.retain_until = kNever;
  }

  void suspend(Cause cause) {
    ams_.retain_until = later(at_, ams_.retain_for);
    ams_.disconnect_at = kNever;
    say(Happening::kSuspended, cause, Role::kServing, *ams_.serving);
  }

  /// The TEKs of a seamless target may have carried data: its count is used up.
  void drop(const TargetContext& target, Cause cause) {
    say(Happening::kDiscarded, cause, Role::kTarget, target.context);
    if (target.seamless) ams_.next_count = next_after(ams_.next_count, target.context.count);
  }

  void drop_targets(Cause cause) {
    for (const TargetContext& target : ams_.targets) drop(target, cause);
    ams_.targets.clear();
  }

  void drop_old(Cause cause) {
    if (ams_.old) say(Happening::kDiscarded, cause, Role::kOld, ams_.old->context);
    ams_.old.reset();
  }

  void drop_serving(Cause cause) {
    if (ams_.serving) say(Happening::kDiscarded, cause, Role::kServing, *ams_.serving);
    ams_.serving.reset();
    drop_old(cause);
    ams_.retain_until = kNever;
  }

  void drop_all(Cause cause) {
    drop_serving(cause);
    drop_targets(cause);
    Ams rest;
    rest.authentication.generation = ams_.authentication.generation;
    rest.operations = std::move(ams_.operations);
    rest.forget_at = later(at_, rules_.forget_after);
    ams_ = std::move(rest);
  }

  void drop_teks() {
    for_each_context(ams_, [this](Role role, KeyContext& context) {
      for (SecurityAssociation& sa : context.sas) {
        for (std::size_t slot = 0; slot < sa.ends.size(); ++slot) {
          if (sa.ends[slot] == 0 || sa.ends[slot] > at_) continue;
          sa.ends[slot] = 0;
          say(Happening::kTekExpired, Cause::kTekLifetime, role, context,
              MovedTek{sa.said, static_cast<std::uint16_t>(sa.counter - 1 + slot)});
        }
      }
    });
  }

  std::vector<TargetContext>::iterator find_target(const Bsid& bsid) {
    return std::ranges::find(ams_.targets, bsid,
                             [](const TargetContext& target) { return target.context.bsid; });
  }

  /// The context whose count an AMS's is compared with at an ABS.
  const KeyContext* held_at(const Bsid& bsid) {
    if (const auto target = find_target(bsid); target != ams_.targets.end()) {
      return &target->context;
    }
    return ams_.serving && ams_.serving->bsid == bsid ? &*ams_.serving : nullptr;
  }

  // Answering.

  /// The answer, and every repetition of it, is about this context of the present authentication.
  void about(const Bsid& bsid, std::uint32_t count, bool with_keys = true) {
    done_.generation = ams_.authentication.generation;
    done_.bsid = bsid;
    done_.count = count;
    done_.with_keys = with_keys;
  }

  void answer_look(const Look& look) {
    if (ams_.state == AmsState::kAbsent) {
      refuse(Refusal::kUnknownMsid, Code::kNotFound, "msid: expected a registered AMS, found none");
      return;
    }
    show_ams(ams_, &answer_);
    for_each_context(ams_, [&](Role role, const KeyContext& context) {
      AnsweredContext& answered = answer_.contexts.emplace_back(show_context(ams_, role, context));
      if (look.with_keys) add_derivation(ams_, &answered);
    });
  }

  /// The answer to `done_`, from what is held now. False when what it was about is gone.
  bool finish_answer() {
    show_ams(ams_, &answer_);
    if (done_.generation == 0) return true;
    bool whole = false;
    for_each_context(ams_, [&](Role role, const KeyContext& context) {
      if (whole || authentication_of(ams_, role).generation != done_.generation ||
          context.bsid != done_.bsid || context.count != done_.count) {
        return;
      }
      AnsweredContext answered = show_context(ams_, role, context);
      if (!done_.teks.empty()) {
        const bool live = std::ranges::all_of(done_.teks, [&](const MovedTek& tek) {
          return std::ranges::any_of(answered.teks, [&](const TekInfo& info) {
            return info.said == tek.said && info.counter == tek.counter;
          });
        });
        if (!live) return;
        answered.derivation = Derivation{authentication_of(ams_, role), done_.teks, true};
      } else if (done_.with_keys) {
        add_derivation(ams_, &answered);
      }
      answer_.contexts.push_back(std::move(answered));
      whole = true;
    });
    return whole || !done_.with_keys;
  }

  void repeat(const Operation& known, const Digest& content) {
    if (known.key.content != content) {
      refuse(Refusal::kOperationReused, Code::kInvalidArgument,
             "operation_id: expected a new one for a new request, found one that was used for "
             "another");
      return;
    }
    done_ = known;
    if (!finish_answer()) {
      refuse(Refusal::kKeysGone, Code::kFailedPrecondition,
             "operation_id: it was done before, and its keys have been discarded since");
    }
  }

  const Rules& rules_;
  Millis now_;
  Millis at_ = 0;  ///< when what happens now happens
  Ams ams_;
  bool there_ = false;
  bool changed_ = false;
  Operation done_;
  std::vector<Occurrence> occurrences_;
  Answer answer_;
};

}  // namespace

Outcome take_step(const Rules& rules, std::optional<Ams> before, const OperationKey* operation,
                  const Request& request, Millis now) {
  Life life(rules, std::move(before), now);
  life.let_happen();
  life.answer(operation, request);
  return std::move(life).outcome();
}

Outcome pass_time(const Rules& rules, Ams before, Millis now) {
  Life life(rules, std::move(before), now);
  life.let_happen();
  return std::move(life).outcome();
}

}  // namespace rekey::contexts
