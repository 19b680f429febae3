// SPDX-License-Identifier: Apache-2.0
//
// The keys a hierarchy can yield, and sets of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "rekey/octets.h"

namespace rekey {

/// KeyKind names one column of a result.
enum class KeyKind : std::uint8_t { kMsidStar, kAk, kAkid, kCmacKeyU, kCmacKeyD, kKek, kTek };

inline constexpr std::array kAllKeyKinds = {KeyKind::kMsidStar, KeyKind::kAk,       KeyKind::kAkid,
                                            KeyKind::kCmacKeyU, KeyKind::kCmacKeyD, KeyKind::kKek,
                                            KeyKind::kTek};

/// key_octets returns the width of one key of `kind`.
constexpr std::size_t key_octets(KeyKind kind) {
  switch (kind) {
    case KeyKind::kMsidStar:
      return kMsidStarOctets;
    case KeyKind::kAk:
      return kAkOctets;
    case KeyKind::kAkid:
      return kAkidOctets;
    case KeyKind::kCmacKeyU:
    case KeyKind::kCmacKeyD:
      return kCmacKeyOctets;
    case KeyKind::kKek:
      return kKekOctets;
    case KeyKind::kTek:
      return kTekOctets;
  }
  return 0;
}

/// to_string returns the kind's column name: `msid_star`, `ak`, `akid`, `cmac_key_u`, `cmac_key_d`,
/// `kek` or `teks`.
std::string_view to_string(KeyKind kind);

/// key_kind_from_string is the inverse of to_string; nothing when the name is unknown.
std::optional<KeyKind> key_kind_from_string(std::string_view name);

/// KeySet is a set of key kinds.
class KeySet {
 public:
  constexpr KeySet() = default;
  constexpr KeySet(std::initializer_list<KeyKind> kinds)
      : KeySet(std::span(kinds.begin(), kinds.size())) {}
  explicit constexpr KeySet(std::span<const KeyKind> kinds) {
    for (KeyKind kind : kinds) insert(kind);
  }

  constexpr void insert(KeyKind kind) { bits_ |= bit(kind); }
  [[nodiscard]] constexpr bool contains(KeyKind kind) const { return (bits_ & bit(kind)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  /// The set as a bit mask: bit k is the KeyKind of value k.
  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
  /// The kinds of this set that `other` lacks.
  [[nodiscard]] constexpr KeySet without(KeySet other) const {
    KeySet difference;
    difference.bits_ = static_cast<std::uint8_t>(bits_ & ~other.bits_);
    return difference;
  }
  constexpr bool operator==(const KeySet&) const = default;

 private:
  static constexpr std::uint8_t bit(KeyKind kind) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
  }
  std::uint8_t bits_ = 0;
};

}  // namespace rekey
