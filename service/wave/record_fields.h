// SPDX-License-Identifier: Apache-2.0
//
// Sets the fields of a record from text, under a profile's rules. Every error is kInvalidArgument
// and names the field, what was expected and what was found, but repeats no text: a line with its
// columns shifted has a PMK anywhere.
#pragma once

#include <cstdint>
#include <string_view>

#include "rekey/status.h"
#include "wave/ams_record.h"

namespace rekey::wave {

/// set_field_from_text sets one field from its CSV form: hex digits, a decimal number, SAIDs as
/// `1;2;3`, or text. An empty nonce or list of SAIDs is none.
Status set_field_from_text(const Rules& rules, Field field, std::string_view text,
                           AmsRecord* out_record);

/// set_number sets cmac_key_count or ak_sn, whichever `field` is.
Status set_number(Field field, std::uint64_t number, AmsRecord* out_record);

/// add_said appends one SAID.
Status add_said(const Rules& rules, std::uint64_t said, AmsRecord* out_record);

/// expected_form says for people what a field must hold, for example `40 hex digits`.
std::string expected_form(const Rules& rules, Field field);

/// quoted_name returns a name from a file for use in an error: in quotes if it can be the name of a
/// field, otherwise just the word that says it cannot.
std::string quoted_name(std::string_view name);

}  // namespace rekey::wave
