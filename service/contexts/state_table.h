// SPDX-License-Identifier: Apache-2.0
//
// The life of the contexts of one AMS as one table: state x event -> guard, action, next state.
// life.cpp runs it, docs/contexts.md is rendered from it, and each row names the sentence that it
// carries out.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace rekey::contexts {

/// AmsState is what is held for one AMS.
enum class AmsState : std::uint8_t {
  kAbsent,      ///< nothing
  kServing,     ///< one context serves
  kPreparing,   ///< it still serves, and targets are prepared
  kSwitching,   ///< it is kept but no longer used; targets are prepared
  kEntering,    ///< targets alone
  kRegistered,  ///< no context, but a PMK to make one from
};
inline constexpr std::array kAllStates = {AmsState::kAbsent,    AmsState::kServing,
                                          AmsState::kPreparing, AmsState::kSwitching,
                                          AmsState::kEntering,  AmsState::kRegistered};

/// Event is what a caller asks for, or time brings.
enum class Event : std::uint8_t {
  kEstablish,
  kStartHandover,
  kCompleteHandover,
  kCancelHandover,
  kUpdateTek,
  kReauthenticate,
  kFirstTekUsed,
  kRemove,
  // Times, in the order in which those of one millisecond happen.
  kPmkLifetime,
  kOldLifetime,  ///< the PMK from before the re-authentication
  kDisconnectionTime,
  kResourceRetainTime,
  kTekLifetime,
  kPmkWarning,
  kForgetTime,
};
inline constexpr std::array kAllEvents = {Event::kEstablish,         Event::kStartHandover,
                                          Event::kCompleteHandover,  Event::kCancelHandover,
                                          Event::kUpdateTek,         Event::kReauthenticate,
                                          Event::kFirstTekUsed,      Event::kRemove,
                                          Event::kPmkLifetime,       Event::kOldLifetime,
                                          Event::kDisconnectionTime, Event::kResourceRetainTime,
                                          Event::kTekLifetime,       Event::kPmkWarning,
                                          Event::kForgetTime};

/// Guard is what must hold for a row to apply.
enum class Guard : std::uint8_t {
  kAlways,
  kPkmNotOmitted,    ///< HO process optimization bit #1 is clear
  kCountStale,       ///< CountVerdict::kStale
  kCountCached,      ///< CountVerdict::kCached
  kTargetsFull,      ///< one candidate more would be too many
  kLeavesAtOnce,     ///< Network_Reentry_Mode 0 and no Disconnection Time
  kTargetUnknown,    ///< no target context at the BSID named
  kTargetsRemain,    ///< other candidates stay
  kReentryMode1,     ///< Network_Reentry_Mode 1
  kSaidUnknown,      ///< the context has no such security association
  kTekCounterSpent,  ///< COUNTER_TEK would wrap
  kPlaceUnknown,     ///< no BSID named, and no serving context to take it from
  kNoOldContext,     ///< there is none from before a re-authentication
};

/// Action is what a row does.
enum class Action : std::uint8_t {
  kRefuse,                  ///< nothing moves; the guard is the reason
  kDemandReauthentication,  ///< kRefuse, and full re-authentication is due
  kEstablish,               ///< derive the first serving context, count 0
  kServeCached,             ///< the keys of the context that is held; nothing moves
  kPrepare,                 ///< derive a target context
  kPrepareAndSuspend,       ///< kPrepare; the serving context is kept but no longer used
  kAdoptAtReentry,          ///< the target serves; everything else goes, by re-entry
  kAdoptAtHoComplete,       ///< the target serves; everything else goes, by HO-Complete
  kDropTarget,              ///< discard the target named
  kDropTargets,             ///< discard all targets
  kMoveTeks,                ///< COUNTER_TEK + 1; the new TEK takes the older slot
  kRenew,                   ///< new PMK, new serving context; the one before stays as the old one
  kRenewAfresh,             ///< new PMK, new serving context; the one before goes
  kDropOld,                 ///< discard the old context
  kDropAll,                 ///< discard everything
  kSuspend,                 ///< the serving context is kept but no longer used
  kDropServing,             ///< discard the serving context, and the old one
  kDropTeks,                ///< discard TEKs whose lifetime has ended
  kAnnouncePmkEnd,
  kForget,  ///< drop the memory of operations
};

/// States is a set of states.
class States {
 public:
  template <typename... S>
  explicit constexpr States(S... states) : bits_((0U | ... | bit(states))) {}
  [[nodiscard]] constexpr bool contains(AmsState state) const { return (bits_ & bit(state)) != 0; }

 private:
  static constexpr unsigned bit(AmsState state) { return 1U << static_cast<unsigned>(state); }
  unsigned bits_;
};

/// Facts is the set of guards that hold.
class Facts {
 public:
  constexpr void set(Guard guard, bool holds = true) {
    if (holds) bits_ |= 1U << static_cast<unsigned>(guard);
  }
  [[nodiscard]] constexpr bool hold(Guard guard) const {
    return (bits_ & 1U << static_cast<unsigned>(guard)) != 0;
  }

 private:
  unsigned bits_ = 1U << static_cast<unsigned>(Guard::kAlways);
};

/// Row is one rule. Among those for a state and an event the first whose guard holds applies.
struct Row {
  int number;  ///< as docs/contexts.md and the seed's sentences cite it
  States states;
  Event event;
  Guard guard;
  Action action;
  bool stays;     ///< the state does not change
  AmsState next;  ///< otherwise
  std::string_view why;

  [[nodiscard]] constexpr AmsState next_from(AmsState state) const { return stays ? state : next; }
};

/// state_table returns all rows in their order.
std::span<const Row> state_table();

/// find_row returns the row that applies; null when the state does not allow the event.
const Row* find_row(AmsState state, Event event, const Facts& facts);

/// Sentence is one of the source text, with the rows that carry it out.
struct Sentence {
  std::string_view text;
  std::span<const int> rows;
  std::string_view elsewhere;  ///< what carries out its other parts
};

/// seed_sentences returns every sentence of the proposed text, in its order.
std::span<const Sentence> seed_sentences();

/// Names as users read them, such as `serving`, `StartHandover`, `Disconnection_Time`.
std::string_view to_string(AmsState state);
std::string_view to_string(Event event);
/// What a guard means, as the rest of a sentence.
std::string_view to_string(Guard guard);
std::string_view to_string(Action action);

}  // namespace rekey::contexts
