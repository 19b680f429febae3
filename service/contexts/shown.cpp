// SPDX-License-Identifier: Apache-2.0
#include "contexts/shown.h"

#include <algorithm>

#include "contexts/held.h"

namespace rekey::contexts {
namespace {

/// When the serving context is no longer used, or is discarded.
Millis serving_ends(const Ams& ams) {
  return std::min({ams.disconnect_at, ams.retain_until, ams.authentication.ends});
}

}  // namespace

void show_ams(const Ams& ams, Answer* out_answer) {
  out_answer->state = ams.state;
  if (ams.state == AmsState::kAbsent) return;
  out_answer->next_count = ams.next_count;
  out_answer->reauthentication_due = ams.reauthentication_due;
  out_answer->pmk_ends = ams.authentication.ends;
  out_answer->profile = ams.profile;
  out_answer->options = ams.options;
}

AnsweredContext show_context(const Ams& ams, Role role, const KeyContext& context) {
  AnsweredContext answered{role, context.bsid, context.count, false, kNever, {}, {}};
  switch (role) {
    case Role::kServing:
      answered.usable = in_use(ams.state);
      answered.ends = serving_ends(ams);
      break;
    case Role::kTarget:
      answered.usable =
          std::ranges::find(ams.targets, context.bsid, [](const TargetContext& target) {
            return target.context.bsid;
          })->seamless;
      answered.ends = ams.authentication.ends;
      break;
    case Role::kOld:
      answered.usable = in_use(ams.state);
      answered.ends = std::min(ams.old->authentication.ends, serving_ends(ams));
      break;
  }
  answered.teks.reserve(2 * context.sas.size());
  for (const SecurityAssociation& sa : context.sas) {
    for (std::size_t slot = 0; slot < sa.ends.size(); ++slot) {
      if (sa.ends[slot] == 0) continue;
      answered.teks.push_back(
          {sa.said, static_cast<std::uint16_t>(sa.counter - 1 + slot), sa.ends[slot]});
    }
  }
  return answered;
}

void add_derivation(const Ams& ams, AnsweredContext* answered) {
  answered->derivation = Derivation{authentication_of(ams, answered->role), {}, false};
  answered->derivation->teks.reserve(answered->teks.size());
  for (const TekInfo& tek : answered->teks) {
    answered->derivation->teks.push_back({tek.said, tek.counter});
  }
}

}  // namespace rekey::contexts
