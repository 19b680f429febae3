// SPDX-License-Identifier: Apache-2.0
#include "contexts/answers.h"

#include <algorithm>

#include "wire/enums.h"
#include "wire/wipe.h"

namespace rekey::contexts {
namespace {

static_assert(static_cast<int>(Happening::kReauthenticationDue) ==
              v1::CONTEXT_EVENT_KIND_REAUTHENTICATION_DUE);
static_assert(static_cast<int>(Cause::kCountNearEnd) == v1::CONTEXT_EVENT_CAUSE_COUNT_NEAR_END);
static_assert(static_cast<int>(AmsState::kRegistered) + 1 == v1::AMS_STATE_REGISTERED);
static_assert(static_cast<int>(Role::kOld) + 1 == v1::CONTEXT_ROLE_OLD);

v1::ContextRole role_to_wire(Role role) {
  return static_cast<v1::ContextRole>(static_cast<int>(role) + 1);
}

template <std::size_t N>
std::string text(const std::array<std::uint8_t, N>& octets) {
  return {reinterpret_cast<const char*>(octets.data()), N};
}

void write_context(const AnsweredContext& context, v1::KeyContext* out_context) {
  out_context->set_role(role_to_wire(context.role));
  out_context->set_bsid(text(context.bsid));
  out_context->set_cmac_key_count(context.count);
  out_context->set_usable(context.usable);
  out_context->set_ends_ms(context.ends);
  for (const TekInfo& tek : context.teks) {
    v1::TekInfo* info = out_context->add_teks();
    info->set_said(tek.said);
    info->set_counter(tek.counter);
    info->set_eks(tek.counter % 4);
    // A TEK ends with its context, if not before.
    info->set_expires_ms(std::min(tek.ends, context.ends));
  }
}

}  // namespace

void write_answer(const Msid& msid, const Answer& answer, v1::AmsContexts* out_item) {
  // Of an item that is done again, keys were there already.
  wire::wipe_secrets(out_item);
  out_item->Clear();
  out_item->set_msid(text(msid));
  if (!answer.status.ok()) {
    write_refusal(static_cast<int>(answer.status.code()), answer.status.message(), out_item);
    return;
  }
  out_item->set_state(static_cast<v1::AmsState>(static_cast<int>(answer.state) + 1));
  if (answer.state == AmsState::kAbsent) return;
  out_item->set_next_cmac_key_count(answer.next_count);
  out_item->set_reauthentication_due(answer.reauthentication_due);
  out_item->set_pmk_expires_ms(answer.pmk_ends);
  out_item->set_profile(wire::profile_to_wire(answer.profile));
  for (const AnsweredContext& context : answer.contexts) {
    write_context(context, out_item->add_contexts());
  }
}

void write_refusal(int code, const std::string& message, v1::AmsContexts* out_item) {
  out_item->set_code(code);
  out_item->set_message(message);
}

std::string encode_event(const Msid& msid, const Occurrence& occurrence) {
  v1::ContextEvent event;
  event.set_time_ms(occurrence.time);
  event.set_kind(static_cast<v1::ContextEventKind>(occurrence.happening));
  event.set_cause(static_cast<v1::ContextEventCause>(occurrence.cause));
  event.set_msid(text(msid));
  if (occurrence.where) {
    event.set_bsid(text(occurrence.where->bsid));
    event.set_role(role_to_wire(occurrence.where->role));
    event.set_cmac_key_count(occurrence.where->count);
  }
  if (occurrence.tek) {
    event.set_said(occurrence.tek->said);
    event.set_counter(occurrence.tek->counter);
  }
  return event.SerializeAsString();
}

}  // namespace rekey::contexts
