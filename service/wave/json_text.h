// SPDX-License-Identifier: Apache-2.0
//
// JSON written piece by piece into memory that is wiped: a tree of the line would leave copies of
// its keys behind.
#pragma once

#include <string_view>

#include "rekey/octets.h"
#include "wave/wiping_allocator.h"

namespace rekey::wave {

/// append_json_string appends `text` as a JSON string, quotes included.
void append_json_string(std::string_view text, SecretText* out_json);

/// append_json_hex appends `octets` as a JSON string of lower-case hex digits.
void append_json_hex(ConstOctets octets, SecretText* out_json);

}  // namespace rekey::wave
