// SPDX-License-Identifier: Apache-2.0
//
// What is said of key contexts: lines for people, or JSON.
#pragma once

#include "rekey/v1/key_contexts.pb.h"
#include "wave/wiping_allocator.h"

namespace rekey::ctl {

/// kContextsHeading is the first line of a table.
inline constexpr char kContextsHeading[] =
    "msid          state       role     bsid          count  usable  teks (said:counter:eks)\n";

/// append_rows appends a line for each context of an AMS, without keys; one line where it has none
/// or failed.
void append_rows(const v1::AmsContexts& ams, wave::SecretText* out_text);

/// append_json appends one JSON object and a line feed; the keys only `with_keys`.
void append_json(const v1::AmsContexts& ams, bool with_keys, wave::SecretText* out_text);

/// append_row appends a line for an event.
void append_row(const v1::ContextEvent& event, wave::SecretText* out_text);
/// append_json appends one JSON object and a line feed.
void append_json(const v1::ContextEvent& event, wave::SecretText* out_text);

}  // namespace rekey::ctl
