// SPDX-License-Identifier: Apache-2.0
#include "rekey/key_kind.h"

namespace rekey {

std::string_view to_string(KeyKind kind) {
  switch (kind) {
    case KeyKind::kMsidStar:
      return "msid_star";
    case KeyKind::kAk:
      return "ak";
    case KeyKind::kAkid:
      return "akid";
    case KeyKind::kCmacKeyU:
      return "cmac_key_u";
    case KeyKind::kCmacKeyD:
      return "cmac_key_d";
    case KeyKind::kKek:
      return "kek";
    case KeyKind::kTek:
      return "teks";
  }
  return "unknown";
}

std::optional<KeyKind> key_kind_from_string(std::string_view name) {
  for (KeyKind kind : kAllKeyKinds) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

}  // namespace rekey
