// SPDX-License-Identifier: Apache-2.0
//
// What the formulas of the referee are written over: the functions of the key-derivation
// specification (section 1) under one key after the other.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "rekey/octets.h"
#include "rekey/status.h"

namespace rekey::openssl {

/// Parts are octet strings that stand one after the other: what the specification joins with `|`.
using Parts = std::initializer_list<ConstOctets>;

/// octets_of returns how many octets the parts have together.
inline std::size_t octets_of(Parts parts) {
  std::size_t octets = 0;
  for (ConstOctets part : parts) octets += part.size();
  return octets;
}

/// join writes the parts one after the other to `out_whole` and returns where they end.
inline std::uint8_t* join(Parts parts, std::uint8_t* out_whole) {
  for (ConstOctets part : parts) out_whole = std::copy(part.begin(), part.end(), out_whole);
  return out_whole;
}

/// put_big_endian_32 writes BE32(number) to `out_octets` and returns where it ends.
inline std::uint8_t* put_big_endian_32(std::size_t number, std::uint8_t* out_octets) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    *out_octets++ = static_cast<std::uint8_t>(number >> shift);
  }
  return out_octets;
}

/// big_endian_32 returns BE32(number).
inline std::array<std::uint8_t, 4> big_endian_32(std::size_t number) {
  std::array<std::uint8_t, 4> octets;
  put_big_endian_32(number, octets.data());
  return octets;
}

/// ascii returns the octets of a literal, without a terminator.
inline ConstOctets ascii(std::string_view literal) {
  return {reinterpret_cast<const std::uint8_t*>(literal.data()), literal.size()};
}

/// Evaluations is a set of T(i), as one bit each.
using Evaluations = unsigned;
inline constexpr Evaluations kT0 = 1;
inline constexpr Evaluations kT1 = 2;
inline constexpr Evaluations kT2 = 4;
inline constexpr Evaluations kAllEvaluations = ~0U;

/// Kdf evaluates the functions of the specification. Results may be held back until settle() or
/// set_key(), so that what is independent can be computed side by side. The first failure is kept
/// in status(), and all later calls do nothing: formulas can be written below each other and asked
/// once whether they held. For one thread at a time.
class Kdf {
 public:
  static constexpr std::size_t kMaxAstringOctets = 56;
  static constexpr std::size_t kMaxResultOctets = 3 * kBlockOctets;

  Kdf() = default;
  Kdf(const Kdf&) = delete;
  Kdf& operator=(const Kdf&) = delete;
  virtual ~Kdf() = default;

  /// set_key settles, then keys what follows with the rightmost 16 octets of `key`. `name` must
  /// stay in force as long as the key does.
  virtual void set_key(std::string_view name, ConstOctets key) = 0;

  /// derive writes Dot16KDF(key, astring, 8 * result.size()) to `result`, of at most
  /// kMaxResultOctets; the astring has at most kMaxAstringOctets. `needed` says which T(i) anyone
  /// reads: octets of `result` from others may be left as they are.
  virtual void derive(std::string_view result_name, Parts astring, Octets result,
                      Evaluations needed = kAllEvaluations) = 0;

  /// encrypt_block writes AES-128-ECB(key, block) to `result`; the block's parts have 16 octets
  /// together.
  virtual void encrypt_block(std::string_view result_name, Parts block, Octets result) = 0;

  /// settle returns when every result so far is in its place.
  virtual void settle() = 0;

  [[nodiscard]] const Status& status() const { return status_; }

 protected:
  /// Keeps the reason unless `outcome` is OpenSSL's 1 for success.
  void keep(int outcome, std::string_view call);
  void keep(const Status& status) {
    if (status_.ok() && !status.ok()) status_ = status;
  }

 private:
  Status status_;
};

}  // namespace rekey::openssl
