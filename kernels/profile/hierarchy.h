// SPDX-License-Identifier: Apache-2.0
//
// The key hierarchies as data: which steps a profile has, what each is keyed with and what its
// astring is made of. Written to be read beside section 2 of the key-derivation specification. The
// vector and GPU engines compile these descriptions (see layout.h); the OpenSSL referee does not
// use them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rekey/octets.h"
#include "rekey/profile.h"

namespace rekey::profile {

/// Value is anything that can stand in a message, key a step or come out of one.
enum class Value : std::uint8_t {
  kNone,
  // Inputs of one AMS.
  kPmk,
  kMsid,
  kBsid,
  kNonce,
  kCmacKeyCount,
  kAkSn,
  // Inputs of one TEK.
  kSaid,
  kCounterTek,
  // Results.
  kMsidStar,
  kAk,
  kAkid,
  kPrekey,
  kPrekeyU,
  kPrekeyD,
  kCmacKeyU,
  kCmacKeyD,
  kKek,
  kTek,
};

/// value_octets returns the width of a value; a SAID's is an option.
constexpr std::size_t value_octets(Value value, const ProfileOptions& options) {
  switch (value) {
    case Value::kNone:
      return 0;
    case Value::kPmk:
      return kPmkOctets;
    case Value::kMsid:
      return kMsidOctets;
    case Value::kBsid:
      return kBsidOctets;
    case Value::kNonce:
      return kNonceOctets;
    case Value::kCmacKeyCount:
      return kCmacKeyCountOctets;
    case Value::kAkSn:
      return kAkSnOctets;
    case Value::kSaid:
      return options.said_octets;
    case Value::kCounterTek:
      return 2;
    case Value::kMsidStar:
      return kMsidStarOctets;
    case Value::kAk:
      return kAkOctets;
    case Value::kAkid:
      return kAkidOctets;
    case Value::kPrekey:
      return 20;
    case Value::kPrekeyU:
    case Value::kPrekeyD:
      return 16;
    case Value::kCmacKeyU:
    case Value::kCmacKeyD:
      return kCmacKeyOctets;
    case Value::kKek:
      return kKekOctets;
    case Value::kTek:
      return kTekOctets;
  }
  return 0;
}

/// Part is one piece of a message: a value, or ASCII text without a terminator.
struct Part {
  Value value = Value::kNone;
  std::string_view text;

  constexpr Part() = default;
  constexpr Part(Value part) : value(part) {}             // NOLINT(google-explicit-constructor)
  constexpr Part(const char* literal) : text(literal) {}  // NOLINT(google-explicit-constructor)
};

enum class Function : std::uint8_t {
  kDot16Kdf,   ///< Dot16KDF(key, message, bits)
  kAes128Ecb,  ///< one AES-128 block: the message right-aligned behind zero octets
};

inline constexpr std::size_t kMaxParts = 4;
inline constexpr std::size_t kMaxStepResults = 3;
inline constexpr std::size_t kMaxSteps = 6;

/// Step derives one or more adjacent results: result[0] | result[1] | ... is the function's output.
struct Step {
  Value results[kMaxStepResults] = {};
  Function function = Function::kDot16Kdf;
  Value key = Value::kNone;  ///< kMsid stands for MSID | 10 zero octets
  Part message[kMaxParts] = {};
};

/// Hierarchy is a whole profile. `ams_steps` run once an AMS, in this order; `tek_step` once a TEK,
/// and has no key in a profile without TEKs.
struct Hierarchy {
  Step ams_steps[kMaxSteps] = {};
  std::size_t ams_step_count = 0;
  Step tek_step = {};
  bool msid_star_is_msid = false;

  constexpr void add(const Step& step) { ams_steps[ams_step_count++] = step; }
  [[nodiscard]] constexpr bool has_teks() const { return tek_step.key != Value::kNone; }
};

/// describe returns the hierarchy of a profile under options that check_options() accepts.
constexpr Hierarchy describe(Profile profile, const ProfileOptions& options) {
  using enum Value;
  constexpr Function kKdf = Function::kDot16Kdf;
  constexpr Function kEcb = Function::kAes128Ecb;
  Hierarchy h;
  switch (profile) {
    case Profile::k16mDraft:
      if (options.nonce_first) {
        h.add({{kMsidStar}, kKdf, kMsid, {kNonce, kBsid}});
      } else {
        h.add({{kMsidStar}, kKdf, kMsid, {kBsid, kNonce}});
      }
      h.add({{kAk}, kKdf, kPmk, {kMsidStar, kBsid, kCmacKeyCount, "AK"}});
      h.add({{kAkid}, kKdf, kAk, {kAkSn, kMsidStar, kBsid, "AK"}});
      h.add({{kCmacKeyU, kCmacKeyD}, kKdf, kAk, {"CMAC_KEYS"}});
      h.tek_step = {{kTek}, kKdf, kAk, {kSaid, kCounterTek, "TEK"}};
      break;
    case Profile::k16mPublished:
      if (options.msid_privacy_off) {
        h.msid_star_is_msid = true;
      } else {
        h.add({{kMsidStar}, kKdf, kMsid, {kNonce}});
      }
      h.add({{kAk}, kKdf, kPmk, {kMsidStar, kBsid, "AK"}});
      h.add({{kAkid}, kKdf, kAk, {kAkSn, kMsidStar, kBsid, "AK"}});
      h.add({{kPrekey}, kKdf, kAk, {kCmacKeyCount, "CMAC-TEK prekey"}});
      h.add({{kCmacKeyU, kCmacKeyD}, kKdf, kPrekey, {"CMAC_KEYS"}});
      h.tek_step = {{kTek}, kKdf, kPrekey, {kSaid, kCounterTek, "TEK"}};
      break;
    case Profile::kLegacy16e:
      h.add({{kAk}, kKdf, kPmk, {kMsid, kBsid, "AK"}});
      h.add({{kAkid}, kKdf, kAk, {kAkSn, kMsid, kBsid, "AK"}});
      h.add({{kPrekeyU, kPrekeyD, kKek}, kKdf, kAk, {kMsid, kBsid, "CMAC_KEYS+KEK"}});
      h.add({{kCmacKeyU}, kEcb, kPrekeyU, {kCmacKeyCount}});
      h.add({{kCmacKeyD}, kEcb, kPrekeyD, {kCmacKeyCount}});
      break;
  }
  return h;
}

}  // namespace rekey::profile
