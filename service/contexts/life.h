// SPDX-License-Identifier: Apache-2.0
//
// The pure core: what an AMS was, what is asked, and the time go in; what it becomes, what happened
// and the answer come out. No I/O, no clock, no threads, and no keys: an answer says what is to be
// derived.
//
// Nothing here depends on when timers fire. Every step first lets happen what was due by then, in
// order, so that nothing is held longer than it may be in the eyes of whoever asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "contexts/context.h"
#include "rekey/batch.h"
#include "rekey/status.h"

namespace rekey::contexts {

/// Rules are what an operator may set.
struct Rules {
  /// With fewer CMAC_KEY_COUNTs or COUNTER_TEKs left than this, re-authentication is requested.
  std::uint32_t count_margin = 1'024;
  /// How long before its end a PMK is said to expire, at most a tenth of its lifetime.
  Millis pmk_warning = 300'000;
  /// How long the operations of an AMS are remembered once nothing else is held for it.
  Millis forget_after = 600'000;
};

/// NewAuthentication is an Authentication before it begins.
struct NewAuthentication {
  Secret<kPmkOctets> pmk;
  /// The profile takes one of them or none. A re-authentication may leave it out: it stays.
  std::optional<Nonce> nonce_ams, nonce_bs;
  std::uint8_t ak_sn = 0;
  Millis lifetime = 0;
};

// What can be asked. Numbers are within their limits.
struct Establish {
  Bsid bsid{};
  Profile profile = Profile::k16mDraft;
  ProfileOptions options;
  NewAuthentication authentication;
  std::vector<std::uint16_t> saids;  ///< each once, at most kMaxContextSas
  Millis tek_lifetime = kNever;
};
struct StartHandover {
  Bsid target{};
  std::optional<std::uint32_t> count;  ///< as the AMS sent it
  bool omit_pkm = false;               ///< HO process optimization bit #1
  bool seamless = false;
  bool reentry_mode_1 = false;
  Millis disconnection_time = 0;  ///< from now on; 0: none
  Millis resource_retain_time = kNever;
};
struct CompleteHandover {
  Bsid target{};
};
struct CancelHandover {
  std::optional<Bsid> target;  ///< none: all
};
struct UpdateTek {
  std::vector<std::uint16_t> saids;  ///< each once; none: all
};
struct Reauthenticate {
  std::optional<Bsid> bsid;
  NewAuthentication authentication;
};
struct FirstTekUsed {};
struct Remove {};
struct Look {
  bool with_keys = false;
};
using Request = std::variant<Establish, StartHandover, CompleteHandover, CancelHandover, UpdateTek,
                             Reauthenticate, FirstTekUsed, Remove, Look>;

enum class Role : std::uint8_t { kServing, kTarget, kOld };

/// What happened, numbered as ContextEventKind and ContextEventCause of the wire contract.
enum class Happening : std::uint8_t {
  kDerived = 1,
  kUsable,
  kSuspended,
  kDiscarded,
  kTekUpdated,
  kTekExpired,
  kPmkExpiring,
  kReauthenticationDue,
};
enum class Cause : std::uint8_t {
  kEstablished = 1,
  kHandover,
  kSeamlessHandover,
  kHoComplete,
  kReentry,
  kCancelled,
  kDisconnectionTime,
  kResourceRetainTime,
  kPmkLifetime,
  kTekLifetime,
  kReauthenticated,
  kFirstTekUsed,
  kRemoved,
  kPkmNotOmitted,
  kStaleCount,
  kCountNearEnd,
};
inline constexpr std::size_t kCauses = 16;

/// Occurrence is one thing that happened to one context, or to the AMS as a whole.
struct Occurrence {
  Millis time = 0;
  Happening happening = Happening::kDerived;
  Cause cause = Cause::kEstablished;
  struct Where {
    Role role = Role::kServing;
    Bsid bsid{};
    std::uint32_t count = 0;

    bool operator==(const Where&) const = default;
  };
  std::optional<Where> where;   ///< none: the AMS as a whole
  std::optional<MovedTek> tek;  ///< the TEK that it is about

  bool operator==(const Occurrence&) const = default;
};

/// Refusal is why something was not done.
enum class Refusal : std::uint8_t {
  kNone,
  kUnknownMsid,
  kState,  ///< the state does not allow the event
  kPkmNotOmitted,
  kStaleCount,
  kTooManyTargets,
  kUnknownTarget,
  kUnknownSaid,
  kCountSpent,
  kUnknownPlace,
  kNoOldContext,
  kOperationReused,
  kKeysGone,
  kMalformed,
};
inline constexpr std::size_t kRefusals = 14;

/// TekInfo is one TEK of an answered context.
struct TekInfo {
  std::uint16_t said = 0;
  std::uint16_t counter = 0;
  Millis ends = kNever;

  bool operator==(const TekInfo&) const = default;
};

/// Derivation is what the keys of an answered context are derived from.
struct Derivation {
  Authentication authentication;
  std::vector<MovedTek> teks;  ///< which TEKs
  bool teks_alone = false;     ///< no other key is asked for
};

/// AnsweredContext is one context as an answer shows it.
struct AnsweredContext {
  Role role = Role::kServing;
  Bsid bsid{};
  std::uint32_t count = 0;
  bool usable = false;
  Millis ends = kNever;
  std::vector<TekInfo> teks;  ///< those that live
  std::optional<Derivation> derivation;
};

/// Answer is what the caller is told.
struct Answer {
  Status status;  ///< not OK: nothing below is set, and nothing was done
  Refusal refusal = Refusal::kNone;
  AmsState state = AmsState::kAbsent;
  std::uint32_t next_count = 0;
  bool reauthentication_due = false;
  Millis pmk_ends = kNever;
  Profile profile = Profile::k16mDraft;
  ProfileOptions options;
  std::vector<AnsweredContext> contexts;
};

/// Outcome is everything that comes of one step.
struct Outcome {
  bool changed = false;  ///< the record is to be written, or removed
  std::optional<Ams> ams;
  std::vector<Occurrence> occurrences;
  Answer answer;  ///< of take_step()
};

/// take_step does one request, as far as the state table allows it, at `now` or at the largest time
/// that the record knows. A request whose operation is remembered is answered as it was then and
/// does nothing; if its content differs, it is kInvalidArgument. `operation` is null for Look.
Outcome take_step(const Rules& rules, std::optional<Ams> before, const OperationKey* operation,
                  const Request& request, Millis now);

/// pass_time lets happen what is due by `now`.
Outcome pass_time(const Rules& rules, Ams before, Millis now);

/// Names for metrics, such as `resource_retain_time` and `stale_count`.
std::string_view to_string(Cause cause);
std::string_view to_string(Refusal refusal);

}  // namespace rekey::contexts
