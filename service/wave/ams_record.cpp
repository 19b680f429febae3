// SPDX-License-Identifier: Apache-2.0
#include "wave/ams_record.h"

namespace rekey::wave {

std::string_view to_string(Field field) {
  switch (field) {
    case Field::kPmk:
      return "pmk";
    case Field::kMsid:
      return "msid";
    case Field::kBsid:
      return "bsid";
    case Field::kNonce:
      return "nonce";
    case Field::kCmacKeyCount:
      return "cmac_key_count";
    case Field::kAkSn:
      return "ak_sn";
    case Field::kSaids:
      return "saids";
    case Field::kReference:
      return "reference";
  }
  return "unknown";
}

std::optional<Field> field_from_string(std::string_view name) {
  for (Field field : kAllFields) {
    if (to_string(field) == name) return field;
  }
  return std::nullopt;
}

bool Rules::requires_field(Field field) const {
  switch (field) {
    case Field::kNonce:
      return takes_nonce();
    case Field::kSaids:
      return has_teks();
    case Field::kReference:
      return false;
    default:
      return true;
  }
}

}  // namespace rekey::wave
