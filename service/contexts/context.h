// SPDX-License-Identifier: Apache-2.0
//
// What is held for one AMS: plain data. Keys are not among it: they are derived from it again when
// they are asked for. The PMK is, in memory that is wiped.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "contexts/hex_text.h"
#include "contexts/state_table.h"
#include "rekey/octets.h"
#include "rekey/profile.h"
#include "rekey/secret.h"

namespace rekey::contexts {

using Msid = std::array<std::uint8_t, kMsidOctets>;
using Bsid = std::array<std::uint8_t, kBsidOctets>;
using Nonce = std::array<std::uint8_t, kNonceOctets>;

/// A point in time or a span, in milliseconds. Points are counted from 1970.
using Millis = std::uint64_t;
inline constexpr Millis kNever = std::numeric_limits<Millis>::max();

inline constexpr std::size_t kMaxTargets = 8;      ///< candidates of one AMS
inline constexpr std::size_t kMaxOperations = 8;   ///< that are remembered
inline constexpr std::size_t kMaxContextSas = 32;  ///< security associations of one context

/// SecurityAssociation has two TEKs: those of `counter` - 1 and of `counter`.
struct SecurityAssociation {
  std::uint16_t said = 0;
  std::uint16_t counter = 1;  ///< COUNTER_TEK of the newer one
  /// When the lifetimes of the older and of the newer one end; 0: it has, and the TEK is gone.
  std::array<Millis, 2> ends{kNever, kNever};

  bool operator==(const SecurityAssociation&) const = default;
};

/// KeyContext is what one side holds for the AMS at one ABS (section 5).
struct KeyContext {
  Bsid bsid{};
  std::uint32_t count = 0;  ///< CMAC_KEY_COUNT
  std::vector<SecurityAssociation> sas;

  bool operator==(const KeyContext&) const = default;
};

/// TargetContext is the context of a candidate target.
struct TargetContext {
  KeyContext context;
  bool seamless = false;  ///< Seamless_Handover Flag

  bool operator==(const TargetContext&) const = default;
};

/// Authentication is what an authentication left behind.
struct Authentication {
  Secret<kPmkOctets> pmk;
  Nonce nonce{};  ///< the one that the profile takes; zero where it takes none
  std::uint8_t ak_sn = 0;
  /// Tells the authentications of one AMS apart; grows.
  std::uint32_t generation = 0;
  Millis ends = kNever;        ///< PMK lifetime
  Millis warning_at = kNever;  ///< when its end is announced; kNever: it was

  bool operator==(const Authentication&) const = default;
};

/// OldContext is the serving context from before a re-authentication.
struct OldContext {
  Authentication authentication;
  KeyContext context;

  bool operator==(const OldContext&) const = default;
};

/// MovedTek is a TEK that an UpdateTek made.
struct MovedTek {
  std::uint16_t said = 0;
  std::uint16_t counter = 0;

  bool operator==(const MovedTek&) const = default;
};

/// Digest is the first half of a SHA-256.
using Digest = std::array<std::uint8_t, 16>;

/// OperationKey tells whether two requests are the same one: `id` says which the caller means,
/// `content` what it asks for.
struct OperationKey {
  Digest id{};
  Digest content{};

  bool operator==(const OperationKey&) const = default;
};

/// Operation is one that was done, with what its answer is made of.
struct Operation {
  OperationKey key;
  /// The context that the answer was about, if it was about one.
  std::uint32_t generation = 0;  ///< 0: about none
  Bsid bsid{};
  std::uint32_t count = 0;
  bool with_keys = false;
  std::vector<MovedTek> teks;  ///< of UpdateTek: these, and no other key

  bool operator==(const Operation&) const = default;
};

/// Ams is everything about one AMS. In the state kAbsent only `latest`, `forget_at`, the generation
/// and the operations mean anything.
struct Ams {
  AmsState state = AmsState::kAbsent;
  Profile profile = Profile::k16mDraft;
  ProfileOptions options;
  Millis tek_lifetime = kNever;
  std::vector<std::uint16_t> saids;
  Authentication authentication;

  std::uint32_t next_count = 1;  ///< N of section 6; 65536: none is left
  bool reauthentication_due = false;

  std::optional<KeyContext> serving;
  std::vector<TargetContext> targets;
  std::optional<OldContext> old;

  bool reentry_mode_1 = false;        ///< of the handover under way
  Millis disconnect_at = kNever;      ///< Disconnection Time of the serving context
  Millis retain_for = kNever;         ///< Resource_Retain_Time
  Millis retain_until = kNever;       ///< its end, once it runs
  Millis forget_at = kNever;          ///< when the memory of operations goes, in kAbsent
  Millis latest = 0;                  ///< the largest time seen: none before it is believed
  std::vector<Operation> operations;  ///< oldest first

  bool operator==(const Ams&) const = default;
};

/// name_of returns the name of an AMS's record: the MSID in 12 lower-case hex digits.
inline std::string name_of(const Msid& msid) { return hex_text(msid); }

/// msid_of is the inverse of name_of(); nothing when the text is no such name.
std::optional<Msid> msid_of(std::string_view name);

}  // namespace rekey::contexts
