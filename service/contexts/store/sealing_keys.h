// SPDX-License-Identifier: Apache-2.0
//
// The keys that records are sealed under, and the file they come from.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "contexts/store/xaes_gcm.h"
#include "rekey/octets.h"
#include "rekey/secret.h"
#include "rekey/status.h"

namespace rekey::contexts {

/// KeyId tells keys apart. It is derived from the key, tells nothing about it, and is no secret.
using KeyId = std::array<std::uint8_t, 8>;
/// to_string returns 16 hexadecimal digits.
std::string to_string(const KeyId& id);

/// SealingKeys are one key that seals, and others that still open what they sealed.
class SealingKeys {
 public:
  struct Key {
    KeyId id;
    Secret<XaesGcm::kKeyOctets> key;
  };
  static constexpr std::size_t kMaxKeys = 16;

  /// parse reads a key file: 64 hex digits a line. The first key seals, all of them open.
  /// Empty lines and lines that begin with '#' are passed over. kInvalidArgument names line,
  /// expected and found, but nothing of a key.
  static Status parse(ConstOctets text, const std::string& file, SealingKeys* out_keys);
  /// read reads a file that may not be open to everyone.
  static Status read(const std::string& file, SealingKeys* out_keys);
  /// read_set reads the file that a setting names; when it is empty, the credential `contexts-key`
  /// that systemd hands over.
  static Status read_set(const std::string& setting, SealingKeys* out_keys);

  /// all begins with the key that seals; there is always one.
  [[nodiscard]] std::span<const Key> all() const { return keys_; }

 private:
  std::vector<Key> keys_;
};

}  // namespace rekey::contexts
