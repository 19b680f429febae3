// SPDX-License-Identifier: Apache-2.0
#include "rekey/batch.h"

namespace rekey {

Octets BatchResult::column(KeyKind kind) const {
  switch (kind) {
    case KeyKind::kMsidStar:
      return msid_star;
    case KeyKind::kAk:
      return ak;
    case KeyKind::kAkid:
      return akid;
    case KeyKind::kCmacKeyU:
      return cmac_key_u;
    case KeyKind::kCmacKeyD:
      return cmac_key_d;
    case KeyKind::kKek:
      return kek;
    case KeyKind::kTek:
      return teks;
  }
  return {};
}

void BatchResult::set_column(KeyKind kind, Octets octets) {
  switch (kind) {
    case KeyKind::kMsidStar:
      msid_star = octets;
      break;
    case KeyKind::kAk:
      ak = octets;
      break;
    case KeyKind::kAkid:
      akid = octets;
      break;
    case KeyKind::kCmacKeyU:
      cmac_key_u = octets;
      break;
    case KeyKind::kCmacKeyD:
      cmac_key_d = octets;
      break;
    case KeyKind::kKek:
      kek = octets;
      break;
    case KeyKind::kTek:
      teks = octets;
      break;
  }
}

}  // namespace rekey
