// SPDX-License-Identifier: Apache-2.0
#include "wave/json_text.h"

#include <nlohmann/json.hpp>
#include <string>

#include "wave/hex.h"

namespace rekey::wave {

void append_json_string(std::string_view text, SecretText* out_json) {
  using nlohmann::json;
  *out_json += json(std::string(text)).dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_json_hex(ConstOctets octets, SecretText* out_json) {
  *out_json += '"';
  append_hex(octets, out_json);
  *out_json += '"';
}

}  // namespace rekey::wave
