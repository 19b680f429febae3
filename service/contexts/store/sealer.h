// SPDX-License-Identifier: Apache-2.0
//
// Records as a store that is not trusted with keys sees them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "contexts/store/sealing_keys.h"
#include "contexts/store/xaes_gcm.h"
#include "rekey/octets.h"
#include "rekey/secret.h"
#include "rekey/status.h"

namespace rekey::contexts {

/// Sealer seals and opens records one after the other. A sealed record is an octet 1 (the format),
/// the KeyId, a random nonce, and what XAES-256-GCM makes of the record. Format, KeyId and the
/// record's name are associated data, so that a record is of no use under another name. `keys` must
/// outlive it. Not thread-safe.
class Sealer {
 public:
  explicit Sealer(const SealingKeys& keys) : keys_(keys), ciphers_(keys.all().size()) {}

  /// seal seals under the first key.
  Status seal(std::string_view name, ConstOctets plain, SecretBuffer* out_sealed);
  /// open returns why `sealed` is not a record of this name: a sentence without any of its octets.
  /// Empty: it is, and `*out_plain` has it.
  std::string open(std::string_view name, ConstOctets sealed, SecretBuffer* out_plain);
  /// is_current says whether `sealed` claims to be sealed under the first key.
  [[nodiscard]] bool is_current(ConstOctets sealed) const;

 private:
  XaesGcm& cipher(std::size_t key);
  /// Copies a random nonce that was never taken. False: OpenSSL failed.
  bool take_nonce(Octets out_nonce);

  const SealingKeys& keys_;
  /// Drawn together: one by one they cost as much as sealing does. The first ones were taken.
  std::array<std::uint8_t, 64 * XaesGcm::kNonceOctets> nonces_{};
  std::size_t taken_ = std::tuple_size_v<decltype(nonces_)>;
  std::vector<std::optional<XaesGcm>> ciphers_;  ///< made when first needed
};

}  // namespace rekey::contexts
