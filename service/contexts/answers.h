// SPDX-License-Identifier: Apache-2.0
//
// Answers and events, from what the core says to the wire.
#pragma once

#include <string>

#include "contexts/life.h"
#include "rekey/v1/key_contexts.pb.h"

namespace rekey::contexts {

/// write_answer sets everything of an item but its keys; its contexts are in the answer's order.
void write_answer(const Msid& msid, const Answer& answer, v1::AmsContexts* out_item);

/// write_refusal sets an item that failed.
void write_refusal(int code, const std::string& message, v1::AmsContexts* out_item);

/// encode_event returns the octets of a ContextEvent without its sequence.
std::string encode_event(const Msid& msid, const Occurrence& occurrence);

}  // namespace rekey::contexts
