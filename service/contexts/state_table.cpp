// SPDX-License-Identifier: Apache-2.0
#include "contexts/state_table.h"

#include <algorithm>

namespace rekey::contexts {
namespace {

using enum AmsState;
using A = Action;
using E = Event;
using G = Guard;

constexpr States kLive{kServing, kPreparing, kSwitching, kEntering, kRegistered};
constexpr States kInHandover{kPreparing, kSwitching, kEntering};
constexpr States kInUse{kServing, kPreparing};

constexpr Row stay(int number, States states, E event, G guard, A action, std::string_view why) {
  return {number, states, event, guard, action, true, kAbsent, why};
}
constexpr Row go(int number, States states, E event, G guard, A action, AmsState next,
                 std::string_view why) {
  return {number, states, event, guard, action, false, next, why};
}

constexpr Row kRows[] = {
    go(1, States{kAbsent}, E::kEstablish, G::kAlways, A::kEstablish, kServing,
       "section 5: a context is what is held for one AMS at one ABS; section 6: new PMK, M = 0"),

    stay(2, kLive, E::kStartHandover, G::kPkmNotOmitted, A::kDemandReauthentication,
         "seed: bit#1=1 \"omit PKM\"; section 5: bit clear, refused here"),
    stay(3, kLive, E::kStartHandover, G::kCountStale, A::kDemandReauthentication,
         "section 6: M < B, refused: stale or replayed"),
    stay(4, kLive, E::kStartHandover, G::kCountCached, A::kServeCached,
         "section 6: M = B, the cached keys serve"),
    stay(5, kLive, E::kStartHandover, G::kTargetsFull, A::kRefuse,
         "our limit on candidate targets"),
    go(6, kInUse, E::kStartHandover, G::kLeavesAtOnce, A::kPrepareAndSuspend, kSwitching,
       "section 5: mode 0, the serving context ends when the handover starts"),
    go(7, kInUse, E::kStartHandover, G::kAlways, A::kPrepare, kPreparing,
       "seed: new MSID*, AK, CMAC keys and TEKs are derived; two sets of key context"),
    stay(8, States{kSwitching}, E::kStartHandover, G::kAlways, A::kPrepare,
         "as 7, for another candidate target"),
    go(9, States{kEntering, kRegistered}, E::kStartHandover, G::kAlways, A::kPrepare, kEntering,
       "as 7, of an AMS whose serving context is gone"),

    stay(10, kInHandover, E::kCompleteHandover, G::kTargetUnknown, A::kRefuse,
         "nothing was prepared there, or it was discarded"),
    go(11, States{kPreparing, kSwitching}, E::kCompleteHandover, G::kReentryMode1,
       A::kAdoptAtReentry, kServing,
       "seed: discards the serving context when the network reentry procedure finishes"),
    go(12, kInHandover, E::kCompleteHandover, G::kAlways, A::kAdoptAtHoComplete, kServing,
       "seed: a HO-Complete signaling from target ABS; section 6: N = max(N, M + 1)"),

    stay(13, kInHandover, E::kCancelHandover, G::kTargetUnknown, A::kRefuse,
         "nothing was prepared there, or it was discarded"),
    stay(14, kInHandover, E::kCancelHandover, G::kTargetsRemain, A::kDropTarget,
         "section 5: target context discarded; the handover goes on with the others"),
    go(15, States{kPreparing, kSwitching}, E::kCancelHandover, G::kAlways, A::kDropTargets,
       kServing, "section 5: target context discarded, serving one kept"),
    go(16, States{kEntering}, E::kCancelHandover, G::kAlways, A::kDropTargets, kRegistered,
       "as 15, when Resource_Retain_Time has ended the serving one"),

    stay(17, kInUse, E::kUpdateTek, G::kSaidUnknown, A::kRefuse, "no such security association"),
    stay(18, kInUse, E::kUpdateTek, G::kTekCounterSpent, A::kDemandReauthentication,
         "section 6: a repeat would repeat TEKs"),
    stay(19, kInUse, E::kUpdateTek, G::kAlways, A::kMoveTeks,
         "section 5: COUNTER_TEK moves on by one, new TEK takes the older slot"),

    stay(20, kLive, E::kReauthenticate, G::kPlaceUnknown, A::kRefuse,
         "a context is held at some ABS"),
    go(21, kInUse, E::kReauthenticate, G::kAlways, A::kRenew, kServing,
       "section 5: the old context stays usable; section 6: the counts start over"),
    go(22, States{kSwitching, kEntering, kRegistered}, E::kReauthenticate, G::kAlways,
       A::kRenewAfresh, kServing, "as 21, when there is no context in use to keep"),
    stay(23, kLive, E::kFirstTekUsed, G::kNoOldContext, A::kRefuse, "nothing to discard"),
    stay(24, kLive, E::kFirstTekUsed, G::kAlways, A::kDropOld,
         "section 5: until the first new TEK is used"),

    go(25, kLive, E::kRemove, G::kAlways, A::kDropAll, kAbsent, "the caller's wish"),

    go(26, kLive, E::kPmkLifetime, G::kAlways, A::kDropAll, kAbsent,
       "section 5: or its lifetime ends"),
    stay(27, kLive, E::kOldLifetime, G::kAlways, A::kDropOld, "section 5: or its lifetime ends"),
    go(28, States{kPreparing}, E::kDisconnectionTime, G::kAlways, A::kSuspend, kSwitching,
       "seed: maintains communications with serving ABS until Disconnection Time"),
    go(29, States{kSwitching}, E::kResourceRetainTime, G::kAlways, A::kDropServing, kEntering,
       "seed: discards upon the expiration of Resource_Retain_Time"),
    stay(30, kLive, E::kTekLifetime, G::kAlways, A::kDropTeks, "a TEK's lifetime"),
    stay(31, kLive, E::kPmkWarning, G::kAlways, A::kAnnouncePmkEnd,
         "so that re-authentication comes in time"),
    stay(32, States{kAbsent}, E::kForgetTime, G::kAlways, A::kForget,
         "operations are remembered for a time"),
};

constexpr int kDerived[] = {2, 6, 7, 8, 9};
constexpr int kCounts[] = {3, 4, 7, 12};
constexpr int kTeks[] = {6, 7, 8, 9};
constexpr int kTwoSets[] = {7, 28};
constexpr int kAmsDiscards[] = {11};
constexpr int kAbsDiscards[] = {12, 29};

constexpr Sentence kSentences[] = {
    {"During Handover (with handover process optimization bitmap bit#1=1 \"omit PKM\"), the new "
     "MSID*, AK, CMAC keys and TEKs shall be derived by the target ABS and AMS respectively",
     kDerived, ""},
    {"MSID* derivation uses the Nonce-BS associated with the current active security context and "
     "the target ABS BSID",
     kTeks, "the nonce is kept with the PMK and stays over handovers"},
    {"In AK derivation, the CMAC_KEY_COUNT is managed on AMS and target ABS sides in the same way "
     "as in Section 7.2.2.2.6.1 and 7.2.2.2.9.1",
     kCounts, "count_rule.h"},
    {"In TEK derivation, COUNTER_TEK is set to be 0 and 1, in order to generate two new TEKs to be "
     "used at the target ABS. Corresponding EKS is also reset to be 0 and 1 respectively",
     kTeks, ""},
    {"When Seamless_Handover Flag = 1 in AAI_HO-CMD, the AMS and target ABS may use derived TEKs "
     "for the target ABS to resume data communications before network reentry procedure finishes",
     kTeks, "`usable` of the target context"},
    {"When the Network_Reentry_Mode = 1, the AMS shall manage two set of key context: the serving "
     "one is used until Disconnection Time, the new one to perform network reentry",
     kTwoSets, ""},
    {"The AMS discards key context associated with the serving ABS when the network reentry "
     "procedure finishes",
     kAmsDiscards, ""},
    {"The serving ABS discards this MS's key context upon either the expiration of "
     "Resource_Retain_Time or a HO-Complete signaling from target ABS via backbone",
     kAbsDiscards, ""},
};

}  // namespace

std::span<const Row> state_table() { return kRows; }

std::span<const Sentence> seed_sentences() { return kSentences; }

const Row* find_row(AmsState state, Event event, const Facts& facts) {
  const Row* found = std::ranges::find_if(kRows, [&](const Row& row) {
    return row.event == event && row.states.contains(state) && facts.hold(row.guard);
  });
  return found == std::end(kRows) ? nullptr : found;
}

std::string_view to_string(AmsState state) {
  constexpr std::string_view kNames[] = {"absent",    "serving",  "preparing",
                                         "switching", "entering", "registered"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(Event event) {
  constexpr std::string_view kNames[] = {
      "Establish",    "StartHandover",  "CompleteHandover",   "CancelHandover",
      "UpdateTek",    "Reauthenticate", "FirstTekUsed",       "Remove",
      "PMK lifetime", "old lifetime",   "Disconnection_Time", "Resource_Retain_Time",
      "TEK lifetime", "PMK warning",    "forget time"};
  return kNames[static_cast<std::size_t>(event)];
}

std::string_view to_string(Guard guard) {
  constexpr std::string_view kNames[] = {"",
                                         "HO process optimization bit #1 is clear",
                                         "CMAC_KEY_COUNT is stale",
                                         "CMAC_KEY_COUNT is that of the context held there",
                                         "8 candidate targets are held",
                                         "Network_Reentry_Mode 0 without Disconnection_Time",
                                         "no target context is held there",
                                         "other candidate targets remain",
                                         "Network_Reentry_Mode 1",
                                         "the context has no such SAID",
                                         "COUNTER_TEK is at its end",
                                         "no bsid is given and there is no serving context",
                                         "there is no context from before a re-authentication"};
  return kNames[static_cast<std::size_t>(guard)];
}

std::string_view to_string(Action action) {
  constexpr std::string_view kNames[] = {
      "refuse",
      "refuse; re-authentication is due",
      "derive the serving context, count 0",
      "serve the cached keys",
      "derive a target context",
      "derive a target context; keep the serving one unused",
      "the target serves; the rest is discarded by re-entry",
      "the target serves; the rest is discarded by HO-Complete",
      "discard that target",
      "discard all targets",
      "COUNTER_TEK + 1, the new TEK takes the older slot",
      "derive from the new PMK; the serving context becomes the old one; discard targets",
      "derive from the new PMK; discard the rest",
      "discard the old context",
      "discard everything",
      "keep the serving context unused",
      "discard the serving and the old context",
      "discard those TEKs",
      "announce it",
      "forget the operations"};
  return kNames[static_cast<std::size_t>(action)];
}

}  // namespace rekey::contexts
