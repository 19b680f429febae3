// SPDX-License-Identifier: Apache-2.0
//
// One line of CSV (RFC 4180), into its fields and from them.
#pragma once

#include <string_view>
#include <vector>

#include "rekey/status.h"
#include "wave/wiping_allocator.h"

namespace rekey::wave {

/// split_csv_line sets `*out_fields`. A quote that is not closed, or that is followed by other text
/// than a comma, is kInvalidArgument naming its field by number.
Status split_csv_line(std::string_view line, std::vector<SecretText>* out_fields);

/// append_csv_field appends `text`, in quotes where it needs them. Line breaks become spaces.
void append_csv_field(std::string_view text, SecretText* out_line);

}  // namespace rekey::wave
